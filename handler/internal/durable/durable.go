// Package durable writes files that survive a crash of the machine: after a crash
// a file is there whole or not at all, and what was reported as written is there.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile creates or replaces a file of mode 0600. It writes a temporary file in
// the same directory, syncs it, renames it, and syncs the directory.
func WriteFile(path string, data []byte) error {
	write := func(f File) error { _, err := f.Write(data); return err }
	return writeFile(system{}, path, write, files.rename)
}

// Create makes a file of mode 0600 as WriteFile does, with what write puts into it.
// It never replaces a file: fs.ErrExist. A crash may leave the temporary file, which
// matches [Temporary].
func Create(path string, write func(File) error) error {
	return writeFile(system{}, path, write, files.link)
}

// Temporary returns the pattern, of path/filepath, of the temporary files for a path.
func Temporary(path string) string { return filepath.Join(filepath.Dir(path), pattern(path)) }

func pattern(path string) string { return "." + filepath.Base(path) + "-*" }

// SyncDir makes the creation, renaming and removal of files in a directory durable.
func SyncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// File is an *os.File that is open for writing. Who writes it need not close it.
type File interface {
	io.Writer
	Sync() error
	Close() error
	Name() string
}

// files is the part of the file system that writing needs. Tests record the calls.
type files interface {
	create(dir, pattern string) (File, error)
	rename(from, to string) error
	link(from, to string) error // like rename, but never replaces a file
	remove(name string) error
	syncDir(dir string) error
}

func writeFile(fs files, path string, write func(File) error, publish func(_ files, from, to string) error) error {
	dir := filepath.Dir(path)
	f, err := fs.create(dir, pattern(path))
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = publish(fs, f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, fs.remove(f.Name()))
	}
	return fs.syncDir(dir)
}

// system is the file system of the machine.
type system struct{}

func (system) rename(from, to string) error { return os.Rename(from, to) }
func (system) remove(name string) error     { return os.Remove(name) }
func (system) syncDir(dir string) error     { return SyncDir(dir) }

func (system) create(dir, pattern string) (File, error) {
	f, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, err
	}
	// The umask may have taken bits from the owner, too.
	if err := f.Chmod(0o600); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

func (system) link(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		return os.Remove(from)
	case errors.Is(err, fs.ErrExist):
		return err
	}
	// A file system without links.
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}
