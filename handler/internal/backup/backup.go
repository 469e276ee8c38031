// Package backup writes the data of a standalone service to a tar file, and checks
// such a file. The store is copied as it is at one moment and the keyring after it, so
// that the file has every key that its secrets need. Unpacked into an empty data
// directory it is what a service starts with.
package backup

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
)

// The names in the file. The keyring's are followed by those of its files.
const (
	storeName   = "store.db"
	keyringName = "keyring/"
)

// maxKeyFile is how many bytes a file of a keyring may have.
const maxKeyFile = 1 << 10

// Write writes a copy of the store, and the files of the keyring's directory, which may
// be missing. The owner of the entries is that of dir, the data directory of both.
func Write(to io.Writer, dir string, store bolt.Copy) error {
	owner, err := os.Stat(dir)
	if err != nil {
		return err
	}
	keys, err := readKeyring(filepath.Join(dir, keyringName))
	if err != nil {
		return fmt.Errorf("read keyring: %w", err)
	}
	w := &writer{tar.NewWriter(to), owner}
	if err := w.add(storeName, 0o600, store.Size); err != nil {
		return err
	}
	if err := store.WriteTo(w); err != nil {
		return err
	}
	if err := w.addKeyring(keys); err != nil {
		return err
	}
	return w.Close()
}

// keyFile is a file of a keyring.
type keyFile struct {
	name string
	data []byte
}

var errChanged = errors.New("a key was changed meanwhile")

// readKeyring reads all files but the temporary ones. It begins again when a key is
// disabled or deleted meanwhile.
func readKeyring(dir string) (keys []keyFile, err error) {
	const tries = 10
	for range tries {
		if keys, err = tryKeyring(dir); !errors.Is(err, errChanged) {
			return keys, err
		}
	}
	return nil, err
}

func tryKeyring(dir string) (keys []keyFile, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || e.Name()[0] == '.' {
			continue
		}
		data, err := readSmall(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errChanged
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, keyFile{e.Name(), data})
	}
	return keys, nil
}

func readSmall(path string) ([]byte, error) {
	file, err := os.Open(path) // #nosec G304 -- in the operator's directory
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err == nil && len(data) > maxKeyFile {
		err = fmt.Errorf("%s is larger than a key", path)
	}
	return data, err
}

// writer writes entries that belong to the owner of the data directory.
type writer struct {
	*tar.Writer
	owner fs.FileInfo
}

func (w *writer) add(name string, mode, size int64) error {
	h, err := tar.FileInfoHeader(w.owner, "")
	if err != nil {
		return err
	}
	return w.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: size, Uid: h.Uid, Gid: h.Gid, ModTime: h.ModTime,
	})
}

func (w *writer) addKeyring(keys []keyFile) error {
	h, err := tar.FileInfoHeader(w.owner, "")
	if err == nil {
		err = w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: keyringName, Mode: 0o700, Uid: h.Uid, Gid: h.Gid, ModTime: h.ModTime})
	}
	for _, key := range keys {
		if err == nil {
			err = w.add(keyringName+key.name, 0o600, int64(len(key.data)))
		}
		if err == nil {
			_, err = w.Write(key.data)
		}
		clear(key.data)
	}
	return err
}
