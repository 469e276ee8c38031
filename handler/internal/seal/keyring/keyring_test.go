package keyring_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/seal/keyring"
	"github.com/secretsharer/secretsharer/handler/internal/seal/sealtest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func TestKeyringAccessibleToOthersIsRefused(t *testing.T) {
	for _, c := range []struct {
		name    string
		dir     os.FileMode
		file    os.FileMode
		refused bool
	}{
		{"as made", 0o700, 0o600, false},
		{"narrower", 0o700, 0o400, false},
		{"group may list", 0o740, 0o600, true},
		{"others may enter", 0o701, 0o600, true},
		{"group may read a key", 0o700, 0o640, true},
		{"others may write a key", 0o700, 0o602, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "keyring")
			sealtest.Wrap(t, open(t, dir), sealtest.Week)
			must(t, os.Chmod(filepath.Join(dir, "kek-2026w47.key"), c.file))
			must(t, os.Chmod(dir, c.dir))
			if _, err := keyring.Open(dir, rand.Reader); errors.Is(err, keyring.ErrModes) != c.refused {
				t.Errorf("opened: %v", err)
			}
		})
	}
}

// The umask is the process's, so this test must not run in parallel.
func TestModesDoNotDependOnTheUmask(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o277, 0o777} {
		dir := filepath.Join(t.TempDir(), "keyring")
		old := syscall.Umask(umask)
		keys, err := keyring.Open(dir, rand.Reader)
		if err == nil {
			err = keys.Make(t.Context(), sealtest.Week)
		}
		syscall.Umask(old)
		must(t, err)
		for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "kek-2026w47.key"): 0o600} {
			info, err := os.Stat(path)
			must(t, err)
			if got := info.Mode().Perm(); got != want {
				t.Errorf("umask %03o: %s has %03o, want %03o", umask, path, got, want)
			}
		}
	}
}

// Each case is a state that a crash between two steps can leave. The next Open must
// recover from it.
func TestKeyringRecoversFromACrash(t *testing.T) {
	for _, c := range []struct {
		name  string
		crash func(t *testing.T, dir, key string)
		want  error // of unwrapping afterwards
	}{
		{"before a new key was linked", func(t *testing.T, dir, _ string) {
			must(t, os.WriteFile(filepath.Join(dir, ".new-1"), []byte("incomplete"), 0o600))
		}, nil},
		{"after it was linked", func(t *testing.T, dir, key string) {
			must(t, os.Link(key, filepath.Join(dir, ".new-2")))
		}, nil},
		{"after the time of disabling was set", func(t *testing.T, _, key string) {
			must(t, os.Chtimes(key, time.Now(), time.Now()))
		}, nil},
		{"after a deletion's rename", func(t *testing.T, dir, key string) {
			must(t, os.Rename(key, filepath.Join(dir, ".old-kek-2026w47.disabled")))
		}, secret.ErrKeyGone},
		{"after a deleted key was overwritten", func(t *testing.T, dir, key string) {
			must(t, os.Remove(key))
			must(t, os.WriteFile(filepath.Join(dir, ".old-kek-2026w47.disabled"), make([]byte, 32), 0o600))
		}, secret.ErrKeyGone},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "keyring")
			ref, wrapped := sealtest.Wrap(t, open(t, dir), sealtest.Week)
			c.crash(t, dir, filepath.Join(dir, "kek-2026w47.key"))
			keys := open(t, dir)
			sealtest.Unwrap(t, keys, ref, wrapped, c.want)
			for _, file := range glob(t, dir, ".*") {
				t.Errorf("%s is left", file)
			}
			again, wrappedAgain := sealtest.Wrap(t, keys, sealtest.Week)
			sealtest.Unwrap(t, keys, again, wrappedAgain, nil)
		})
	}
}

// A second link to the file shows what Delete did to its bytes.
func TestDeletedKeyIsOverwritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	keys := open(t, dir)
	must(t, keys.Make(t.Context(), sealtest.Week))
	witness := filepath.Join(t.TempDir(), "witness")
	must(t, os.Link(filepath.Join(dir, "kek-2026w47.key"), witness))
	before, err := os.ReadFile(witness)
	must(t, err)
	must(t, keys.Disable(t.Context(), sealtest.Week))
	must(t, keys.Delete(t.Context(), sealtest.Week))
	after, err := os.ReadFile(witness)
	must(t, err)
	if bytes.Equal(before, after) || !bytes.Equal(after, make([]byte, 32)) {
		t.Errorf("a deleted key left %d bytes that are not zero", len(bytes.Trim(after, "\x00")))
	}
}

// A key that a crash of the machine truncated must not be used.
func TestTruncatedKeyIsNotUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	keys := open(t, dir)
	ref, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
	must(t, os.Truncate(filepath.Join(dir, "kek-2026w47.key"), 16))
	if _, _, err := keys.Wrap(t.Context(), sealtest.Week, sealtest.DataKey); err == nil {
		t.Error("wrapped under a truncated key")
	}
	if _, err := keys.Unwrap(t.Context(), ref, wrapped); err == nil || errors.Is(err, secret.ErrKeyGone) {
		t.Errorf("unwrapped under a truncated key: %v", err)
	}
}

func TestOtherFilesAreIgnored(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	keys := open(t, dir)
	must(t, keys.Make(t.Context(), sealtest.Week))
	for _, name := range []string{"notes.txt", "kek-2026w99.key", "kek-2026w48.bak", "kek-2026w48", ".key", "x.disabled"} {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	sealtest.WantKeys(t, keys, secret.WeekKey{Week: sealtest.Week, Enabled: true})
}

func TestPingReportsAMissingKeyring(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	keys := open(t, dir)
	must(t, keys.Ping(t.Context()))
	must(t, os.RemoveAll(dir))
	if keys.Ping(t.Context()) == nil {
		t.Error("no error from ping without a keyring")
	}
}

func open(t *testing.T, dir string) *keyring.Keyring {
	t.Helper()
	keys, err := keyring.Open(dir, rand.Reader)
	must(t, err)
	return keys
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	must(t, err)
	return names
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
