package keyring_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
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
			if _, err := keyring.Open(dir, owned.Private, rand.Reader); errors.Is(err, owned.ErrAccess) != c.refused {
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
		keys, err := keyring.Open(dir, owned.Private, rand.Reader)
		if err == nil {
			err = keys.Prepare()
		}
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
		{"before a new key had its name", func(t *testing.T, dir, _ string) {
			must(t, os.WriteFile(filepath.Join(dir, ".kek-2026w48.key-1"), []byte("incomplete"), 0o600))
		}, nil},
		{"after it had its name", func(t *testing.T, dir, key string) {
			must(t, os.Link(key, filepath.Join(dir, ".kek-2026w47.key-2")))
		}, nil},
		{"before the keyring had its id", func(t *testing.T, dir, _ string) {
			must(t, os.WriteFile(filepath.Join(dir, ".id-1"), []byte("incomplete"), 0o600))
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

// A key that a crash or a person spoiled is neither used nor replaced, whether that
// happens while the process runs or before it starts.
func TestSpoiledKeyIsNeitherUsedNorReplaced(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(path string) error
		want  error
		start bool // whether the next start notices it without knowing what is stored
	}{
		{"truncated", func(path string) error { return os.Truncate(path, 16) }, seal.ErrKeyDamaged, true},
		{"empty", func(path string) error { return os.Truncate(path, 0) }, seal.ErrKeyDamaged, true},
		{"longer", func(path string) error { return os.WriteFile(path, make([]byte, 33), 0o600) }, seal.ErrKeyDamaged, true},
		{"zeros", func(path string) error { return os.WriteFile(path, make([]byte, 32), 0o600) }, seal.ErrKeyDamaged, true},
		{"another key", func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("k"), 32), 0o600) }, nil, false},
		{"removed", os.Remove, secret.ErrKeyGone, false},
		{"a link", func(path string) error { return errors.Join(os.Rename(path, path+"2"), os.Symlink(path+"2", path)) }, seal.ErrKeyDamaged, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "keyring")
			path := filepath.Join(dir, "kek-2026w47.key")
			keys := open(t, dir)
			ref, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
			must(t, errors.Join(keys.Ping(t.Context()), keys.Find(t.Context(), ref)))
			must(t, c.spoil(path))
			if c.want == nil { // it can be used for new envelopes
				sealtest.Unwrap(t, keys, ref, wrapped, secret.ErrKeyGone)
				if err := keys.Find(t.Context(), ref); !errors.Is(err, secret.ErrKeyGone) {
					t.Errorf("found: %v", err)
				}
				return
			}
			spoiled, _ := os.ReadFile(path)
			_, _, wrapErr := keys.Wrap(t.Context(), sealtest.Week, sealtest.DataKey)
			_, unwrapErr := keys.Unwrap(t.Context(), ref, wrapped)
			_ = keys.Make(t.Context(), sealtest.Week)
			for call, err := range map[string]error{"wrap": wrapErr, "unwrap": unwrapErr, "ping": keys.Ping(t.Context()), "find": keys.Find(t.Context(), ref)} {
				if !errors.Is(err, c.want) || !strings.Contains(err.Error(), "kek-2026w47") {
					t.Errorf("%s: %v", call, err)
				}
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, spoiled) {
				t.Error("the key was replaced")
			}
			if !c.start {
				return
			}
			if err := open(t, dir).Damaged()["kek-2026w47"]; !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("after a start: %v", err)
			}
		})
	}
}

// A disabled key is checked, too, and found.
func TestDisabledKeysAreFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	keys := open(t, dir)
	ref, _ := sealtest.Wrap(t, keys, sealtest.Week)
	must(t, keys.Disable(t.Context(), sealtest.Week))
	must(t, errors.Join(keys.Find(t.Context(), ref), keys.Ping(t.Context())))
	must(t, os.Truncate(filepath.Join(dir, "kek-2026w47.disabled"), 31))
	if err := keys.Ping(t.Context()); !errors.Is(err, seal.ErrKeyDamaged) {
		t.Errorf("ping: %v", err)
	}
	must(t, keys.Delete(t.Context(), sealtest.Week))
	must(t, keys.Ping(t.Context())) // a key that was deleted is not missing
}

func TestIDStaysAndIsChecked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keyring")
	unprepared, err := keyring.Open(dir, owned.Private, rand.Reader)
	must(t, err)
	if _, err := os.Stat(dir); unprepared.ID() != "" || err == nil {
		t.Errorf("opening alone made the id %q", unprepared.ID())
	}
	first, second := open(t, dir).ID(), open(t, dir).ID()
	if len(first) != 16 || second != first || open(t, filepath.Join(t.TempDir(), "keyring")).ID() == first {
		t.Errorf("ids %q and %q", first, second)
	}
	for _, text := range []string{"", "1234", strings.Repeat("x", 16)} {
		must(t, os.WriteFile(filepath.Join(dir, "id"), []byte(text), 0o600))
		if _, err := keyring.Open(dir, owned.Private, rand.Reader); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "id")) {
			t.Errorf("%q: %v", text, err)
		}
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
	keys, err := keyring.Open(dir, owned.Private, rand.Reader)
	must(t, err)
	must(t, keys.Prepare())
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
