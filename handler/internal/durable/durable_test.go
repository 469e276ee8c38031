package durable

import (
	"errors"
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

func (r *recorder) create(dir, pattern string) (file, error) {
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

func (r *recorder) syncDir(dir string) error {
	return errors.Join(r.call("sync directory"), r.system.syncDir(dir))
}

type recordedFile struct {
	file
	r *recorder
}

func (f recordedFile) Write(data []byte) (int, error) {
	if err := f.r.call("write"); err != nil {
		return 0, err
	}
	return f.file.Write(data)
}

func (f recordedFile) Sync() error { return errors.Join(f.r.call("sync"), f.file.Sync()) }

func (f recordedFile) Close() error { return errors.Join(f.r.call("close"), f.file.Close()) }

// The name must not become visible before the content is on disk.
func TestWriteFileSyncsTheFileThenItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	r := &recorder{}
	if err := writeFile(r, path, []byte("data")); err != nil {
		t.Fatal(err)
	}
	if want := []string{"create", "write", "sync", "close", "rename", "sync directory"}; !slices.Equal(r.calls, want) {
		t.Errorf("calls are %v, want %v", r.calls, want)
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

// A call that fails is reported, and leaves the old file and no temporary one. The
// exception is the last sync: then the new file is there, but may not survive a crash.
func TestWriteFileReportsEveryFailure(t *testing.T) {
	for _, call := range []string{"create", "write", "sync", "close", "rename", "sync directory"} {
		path := filepath.Join(t.TempDir(), "key")
		if err := WriteFile(path, []byte("old")); err != nil {
			t.Fatal(err)
		}
		if err := writeFile(&recorder{fails: call}, path, []byte("new")); !errors.Is(err, errFails) {
			t.Errorf("%s fails: %v", call, err)
		}
		want := "old"
		if call == "sync directory" {
			want = "new"
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s fails: the file has %q, %v, want %q", call, got, err, want)
		}
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
			t.Errorf("%s fails: %d files are left, %v", call, len(left), err)
		}
	}
}
