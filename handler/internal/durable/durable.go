// Package durable writes files that survive a crash of the machine: after a crash
// a file is there whole or not at all, and what was reported as written is there.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// WriteFile creates or replaces a file of mode 0600. It writes a temporary file in
// the same directory, syncs it, renames it, and syncs the directory.
func WriteFile(path string, data []byte) error {
	return writeFile(system{}, path, data)
}

// SyncDir makes the creation, renaming and removal of files in a directory durable.
func SyncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// files is the part of the file system that writing needs. Tests record the calls.
type files interface {
	create(dir, pattern string) (file, error)
	rename(from, to string) error
	remove(name string) error
	syncDir(dir string) error
}

// file is an *os.File that is open for writing.
type file interface {
	Write(data []byte) (int, error)
	Sync() error
	Close() error
	Name() string
}

func writeFile(fs files, path string, data []byte) error {
	dir := filepath.Dir(path)
	f, err := fs.create(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = fs.rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, fs.remove(f.Name()))
	}
	return fs.syncDir(dir)
}

// system is the file system of the machine.
type system struct{}

func (system) create(dir, pattern string) (file, error) { return os.CreateTemp(dir, pattern) } // mode 0600
func (system) rename(from, to string) error             { return os.Rename(from, to) }
func (system) remove(name string) error                 { return os.Remove(name) }
func (system) syncDir(dir string) error                 { return SyncDir(dir) }
