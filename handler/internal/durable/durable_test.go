package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var errFails = errors.New("made to fail")

// recorder is the machine's file system. It records the calls, and fails one of them.
type recorder struct {
	system
	calls []string
	fails string
}

func (r *recorder) call(name string) error {
	r.calls = append(r.calls, name)
	if name == r.fails {
		return errFails
	}
	return nil
}

func (r *recorder) create(dir, pattern string) (File, error) {
	if err := r.call("create"); err != nil {
		return nil, err
	}
	f, err := r.system.create(dir, pattern)
	return recordedFile{f, r}, err
}

func (r *recorder) rename(from, to string) error {
	if err := r.call("rename"); err != nil {
		return err
	}
	return r.system.rename(from, to)
}

func (r *recorder) link(from, to string) error {
	if err := r.call("link"); err != nil {
		return err
	}
	return r.system.link(from, to)
}

func (r *recorder) syncDir(dir string) error {
	return errors.Join(r.call("sync directory"), r.system.syncDir(dir))
}

type recordedFile struct {
	File
	r *recorder
}

func (f recordedFile) Write(data []byte) (int, error) {
	if err := f.r.call("write"); err != nil {
		return 0, err
	}
	return f.File.Write(data)
}

func (f recordedFile) Sync() error { return errors.Join(f.r.call("sync"), f.File.Sync()) }

func (f recordedFile) Close() error { return errors.Join(f.r.call("close"), f.File.Close()) }

// The name must not become visible before the content is on disk.
func TestWriteFileSyncsTheFileThenItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	r := &recorder{}
	if err := writeFile(r, path, text("data"), files.rename); err != nil {
		t.Fatal(err)
	}
	if want := []string{"create", "write", "sync", "close", "rename", "sync directory"}; !slices.Equal(r.calls, want) {
		t.Errorf("calls are %v, want %v", r.calls, want)
	}
}

func text(s string) func(File) error {
	return func(f File) error { _, err := f.Write([]byte(s)); return err }
}

func TestCreateNeverReplacesAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	if err := Create(path, text("first")); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, text("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("created twice: %v", err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "first" {
		t.Errorf("the file has %q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

func TestWriteFileReplacesAFileThatOnlyItsOwnerReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	for _, text := range []string{"first", "second"} {
		if err := WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != text {
			t.Errorf("the file has %q, %v, want %q", got, err, text)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// A call that fails is reported, and leaves the old file, if there was one, and no
// temporary one. The exception is the last sync: then the new file is there, but may
// not survive a crash.
func TestEveryFailureIsReported(t *testing.T) {
	for _, call := range []string{"create", "write", "sync", "close", "rename", "link", "sync directory"} {
		for _, old := range []string{"old", ""} {
			publish := files.rename
			if old == "" {
				publish = files.link
			}
			if old == "" && call == "rename" || old != "" && call == "link" {
				continue // the other one is called
			}
			path := filepath.Join(t.TempDir(), "key")
			if old != "" {
				if err := WriteFile(path, []byte(old)); err != nil {
					t.Fatal(err)
				}
			}
			if err := writeFile(&recorder{fails: call}, path, text("new"), publish); !errors.Is(err, errFails) {
				t.Errorf("%s fails: %v", call, err)
			}
			want := old
			if call == "sync directory" {
				want = "new"
			}
			got, err := os.ReadFile(path)
			if string(got) != want || (err != nil) != (want == "") {
				t.Errorf("%s fails: the file has %q, %v, want %q", call, got, err, want)
			}
			left, err := filepath.Glob(Temporary(path))
			if err != nil || len(left) != 0 {
				t.Errorf("%s fails: %v are left, %v", call, left, err)
			}
		}
	}
}
