package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// reserved is how many bytes of a new file are written before a view is taken,
// so that a full disk shows before and not after: more than most servers allow.
const reserved = 1 << 20

// newFile appears under its name whole or, as far as anybody reads it, not at all.
type newFile struct {
	path    string
	claimed bool // an empty file holds the name
	part    *os.File
}

// create makes a file of mode 0600 beside path, and takes path's name unless it
// may overwrite. Call commit, or abandon.
func create(path string, overwrite bool) (*newFile, error) {
	f := &newFile{path: path}
	if err := f.claim(overwrite); err != nil {
		return nil, err
	}
	var err error
	if f.part, err = os.CreateTemp(filepath.Dir(path), ".sss-*"); err != nil {
		f.abandon()
		return nil, fmt.Errorf("create file: %w", err)
	}
	if _, err = f.part.Write(make([]byte, reserved)); err == nil {
		err = f.part.Sync()
	}
	if err != nil {
		f.abandon()
		return nil, fmt.Errorf("reserve space: %w", err)
	}
	return f, nil
}

func (f *newFile) claim(overwrite bool) error {
	info, err := os.Stat(f.path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", f.path)
	case err == nil && !overwrite:
		return fmt.Errorf("%s exists already; --force overwrites it", f.path)
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look at file: %w", err)
	}
	name, err := os.OpenFile(f.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("create file: %w", err)
	}
	f.claimed = true
	return name.Close()
}

// commit gives the file its content and its name, both on disk when it returns.
func (f *newFile) commit(data []byte) error {
	_, err := f.part.WriteAt(data, 0)
	if err == nil {
		err = f.part.Truncate(int64(len(data)))
	}
	if err == nil {
		err = f.part.Sync()
	}
	if err = errors.Join(err, f.part.Close()); err == nil {
		err = os.Rename(f.part.Name(), f.path)
	}
	if err != nil {
		f.abandon()
		return fmt.Errorf("write file: %w", err)
	}
	f.part, f.claimed = nil, false
	syncDir(filepath.Dir(f.path))
	return nil
}

// abandon removes what create made; after commit it does nothing.
func (f *newFile) abandon() {
	if f == nil {
		return
	}
	if f.part != nil {
		_ = f.part.Close()
		_ = os.Remove(f.part.Name())
	}
	if f.claimed {
		_ = os.Remove(f.path)
	}
	f.part, f.claimed = nil, false
}

// syncDir makes a rename durable where the system can; not all know it for directories.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil { // #nosec G304 -- the user's own choice
		_ = d.Sync()
		_ = d.Close()
	}
}
