package seal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func TestKeyringOpenToOthersIsRefused(t *testing.T) {
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
			wrap(t, open(t, dir), thisWeek)
			must(t, os.Chmod(filepath.Join(dir, "kek-2026w47.key"), c.file))
			must(t, os.Chmod(dir, c.dir))
			if _, err := seal.OpenLocal(dir, rand.Reader); errors.Is(err, seal.ErrModes) != c.refused {
				t.Errorf("opened: %v", err)
			}
		})
	}
}

// The umask belongs to the process, so this test runs beside no other.
func TestModesDoNotDependOnTheUmask(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o277, 0o777} {
		dir := filepath.Join(t.TempDir(), "keyring")
		old := syscall.Umask(umask)
		local, err := seal.OpenLocal(dir, rand.Reader)
		if err == nil {
			err = local.Make(t.Context(), thisWeek)
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

// Each case is what a crash between two steps leaves behind, or what would
// look like it; opening the keyring again must make it whole.
func TestKeyringOutlivesACrash(t *testing.T) {
	for _, c := range []struct {
		name  string
		crash func(t *testing.T, dir, key string)
		want  error // of unwrapping afterwards
	}{
		{"before a new key was linked", func(t *testing.T, dir, _ string) {
			must(t, os.WriteFile(filepath.Join(dir, ".new-1"), []byte("half a key"), 0o600))
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
			ref, wrapped := wrap(t, open(t, dir), thisWeek)
			c.crash(t, dir, filepath.Join(dir, "kek-2026w47.key"))
			local := open(t, dir)
			unwrap(t, local, ref, wrapped, c.want)
			for _, scrap := range glob(t, dir, ".*") {
				t.Errorf("%s was left", scrap)
			}
			again, wrappedAgain := wrap(t, local, thisWeek)
			unwrap(t, local, again, wrappedAgain, nil)
		})
	}
}

// A second link to the file shows what deleting did to its bytes.
func TestDeletedKeyIsOverwritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	local := open(t, dir)
	must(t, local.Make(t.Context(), thisWeek))
	witness := filepath.Join(t.TempDir(), "witness")
	must(t, os.Link(filepath.Join(dir, "kek-2026w47.key"), witness))
	before, err := os.ReadFile(witness)
	must(t, err)
	must(t, local.Disable(t.Context(), thisWeek))
	must(t, local.Delete(t.Context(), thisWeek))
	after, err := os.ReadFile(witness)
	must(t, err)
	if bytes.Equal(before, after) || !bytes.Equal(after, make([]byte, 32)) {
		t.Errorf("a deleted key left %d bytes that are not zero", len(bytes.Trim(after, "\x00")))
	}
}

// A key that a crash of the machine cut short must seal nothing.
func TestTornKeyIsNotUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	local := open(t, dir)
	ref, wrapped := wrap(t, local, thisWeek)
	must(t, os.Truncate(filepath.Join(dir, "kek-2026w47.key"), 16))
	if _, _, err := local.Wrap(t.Context(), thisWeek, dataKey); err == nil {
		t.Error("wrapped under half a key")
	}
	if _, err := local.Unwrap(t.Context(), ref, wrapped); err == nil || errors.Is(err, secret.ErrKeyGone) {
		t.Errorf("unwrapped under half a key: %v", err)
	}
}

func TestOtherFilesAreNoKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	local := open(t, dir)
	must(t, local.Make(t.Context(), thisWeek))
	for _, name := range []string{"notes.txt", "kek-2026w99.key", "kek-2026w48.bak", "kek-2026w48", ".key", "x.disabled"} {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	wantKeys(t, local, secret.WeekKey{Week: thisWeek, Enabled: true})
}

func TestPingMissesALostKeyring(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	local := open(t, dir)
	must(t, local.Ping(t.Context()))
	must(t, os.RemoveAll(dir))
	if local.Ping(t.Context()) == nil {
		t.Error("ping answered without a keyring")
	}
}

func open(t *testing.T, dir string) *seal.Local {
	t.Helper()
	local, err := seal.OpenLocal(dir, rand.Reader)
	must(t, err)
	return local
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	must(t, err)
	return names
}
