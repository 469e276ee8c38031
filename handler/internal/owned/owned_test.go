//go:build unix

package owned_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/owned"
)

func TestFilesAndDirectoriesOfOthersAreRefused(t *testing.T) {
	for _, c := range []struct {
		name            string
		file, directory os.FileMode
		private         string // how the error ends; empty for none
		group           string
		refusesDir      bool // else the file
	}{
		{"as made", 0o600, 0o700, "", "", false},
		{"narrower", 0o400, 0o500, "", "", false},
		{"group may read the file", 0o640, 0o700, "chmod go-rwx", "", false},
		{"group may write the file", 0o660, 0o700, "chmod go-rwx", "", false},
		{"others may read the file", 0o604, 0o700, "chmod go-rwx", "chmod o-rwx", false},
		{"all may write the file", 0o666, 0o700, "chmod go-rwx", "chmod o-rwx", false},
		{"group has the directory", 0o600, 0o770 | os.ModeSetgid, "chmod g-rwx", "", true},
		{"others may enter the directory", 0o600, 0o701, "chmod go-rwx", "chmod o-rwx", true},
		{"all may write the directory", 0o600, 0o777, "chmod go-rwx", "chmod o-rwx", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			directory := filepath.Join(t.TempDir(), "data")
			file := filepath.Join(directory, "store.db")
			must(t, os.Mkdir(directory, 0o700))
			must(t, os.WriteFile(file, []byte("content"), 0o600))
			must(t, os.Chmod(file, c.file))
			must(t, os.Chmod(directory, c.directory))
			for modes, want := range map[owned.Modes]string{owned.Private: c.private, owned.Group: c.group} {
				_, _, fileErr := modes.ReadFile(file, 100)
				dirErr := modes.CheckClosedDir(directory)
				bad, good, path := fileErr, dirErr, file
				if c.refusesDir {
					bad, good, path = dirErr, fileErr, directory
				}
				if good != nil {
					t.Errorf("%v: %v", modes, good)
				}
				if want == "" && bad != nil || want != "" && !refuses(bad, strings.Fields(want)[0], path) {
					t.Errorf("%v: %v, want a hint to %s", modes, bad, want)
				}
			}
		})
	}
}

func refuses(err error, parts ...string) bool {
	if !errors.Is(err, owned.ErrAccess) {
		return false
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			return false
		}
	}
	return true
}

func TestForeignOwnersAreRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	directory := filepath.Join(t.TempDir(), "data")
	file := filepath.Join(directory, "admin.key")
	must(t, os.Mkdir(directory, 0o700))
	must(t, os.WriteFile(file, nil, 0o600))
	must(t, os.Chown(file, 12345, 12345))
	must(t, os.Chown(directory, 12345, 12345))
	for _, modes := range []owned.Modes{owned.Private, owned.Group} {
		if _, err := modes.OpenFile(file, os.O_RDONLY, 0); !refuses(err, "user 12345", "chown 0 "+file) {
			t.Errorf("a file: %v", err)
		}
		if err := modes.CheckClosedDir(directory); !refuses(err, "user 12345", "chown 0 "+directory) {
			t.Errorf("a directory: %v", err)
		}
	}
}

// A volume that an orchestrator makes can often be listed by everybody.
func TestDirectoriesThatOthersMayWriteAreRefused(t *testing.T) {
	for mode, want := range map[os.FileMode]struct{ private, group bool }{
		0o700:                 {true, true},
		0o755:                 {true, true},
		0o770:                 {false, true},
		0o775 | os.ModeSetgid: {false, true},
		0o777:                 {false, false},
		0o777 | os.ModeSticky: {false, false},
	} {
		dir := t.TempDir()
		must(t, os.Chmod(dir, mode))
		for modes, admitted := range map[owned.Modes]bool{owned.Private: want.private, owned.Group: want.group} {
			if err := modes.CheckDir(dir); (err == nil) != admitted || !admitted && !refuses(err, "-w "+dir) {
				t.Errorf("%v, mode %v: %v", modes, mode, err)
			}
		}
	}
}

func TestParentsThatEverybodyMayWriteAreRefused(t *testing.T) {
	for mode, admitted := range map[os.FileMode]bool{
		0o755:                 true,
		0o775:                 true, // as a checkout of somebody whose umask is 002
		0o777:                 false,
		0o777 | os.ModeSticky: true, // as /tmp
	} {
		parent := t.TempDir()
		must(t, os.Chmod(parent, mode))
		if err := owned.CheckParent(filepath.Join(parent, "data")); (err == nil) != admitted || !admitted && !refuses(err, "chmod o-w "+parent) {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
}

func TestOnlyPlainFilesAndDirectoriesAreOpened(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o700))
	file, link, pipe, dirLink := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe"), filepath.Join(dir, "directory")
	must(t, os.WriteFile(file, []byte("content"), 0o600))
	must(t, os.Symlink(file, link))
	must(t, os.Symlink(t.TempDir(), dirLink))
	must(t, syscall.Mkfifo(pipe, 0o600))
	for path, want := range map[string]string{link: "symbolic link", dirLink: "symbolic link", pipe: "not a regular file", dir: "not a regular file"} {
		if _, _, err := owned.Private.ReadFile(path, 100); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	for path, want := range map[string]string{dirLink: "symbolic link", file: "not a directory"} {
		if err := owned.Private.CheckClosedDir(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	if data, info, err := owned.Private.ReadFile(file, 4); string(data) != "cont" || info.Size() != 7 || err != nil {
		t.Errorf("read %q, %v", data, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
