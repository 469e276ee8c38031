// Package keyring keeps week keys in a directory of this machine, for one
// process: a file of 32 random bytes for each week, readable by its owner alone.
//
// The name of a key's file shows whether the key is enabled or disabled, so one
// rename changes its state, and a crash leaves either the old state or the new.
// [Open] completes what a crash interrupted.
package keyring

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/secretsharer/secretsharer/handler/internal/durable"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

const (
	enabledSuffix  = ".key"
	disabledSuffix = ".disabled"
	newPrefix      = ".new-" // being made; may be a second link to a key that is in use
	oldPrefix      = ".old-" // being deleted

	keySize   = 32       // bytes
	algorithm = "A256KW" // AES-256 key wrap, RFC 3394
)

// ErrModes is returned for a directory or a key that other users may access.
var ErrModes = errors.New("keyring is accessible to others: want 0700 for the directory, 0600 for the keys")

// Keyring implements seal.Wrapper and secret.Keyring. Every call checks the
// key's file and uses the key in memory only while the file is unchanged, so
// changes that somebody makes by hand take effect at once. Safe for concurrent use.
type Keyring struct {
	dir    string
	random io.Reader
	mu     sync.Mutex // held while the directory is changed
	loaded sync.Map   // week.Week -> weekKey
}

// Open opens or makes the directory. It takes keys from random. Errors: ErrModes.
func Open(dir string, random io.Reader) (*Keyring, error) {
	k := &Keyring{dir: filepath.Clean(dir), random: random}
	err := k.makeDir()
	if err == nil {
		err = k.recover()
	}
	if err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	return k, nil
}

func (k *Keyring) makeDir() error {
	if err := os.MkdirAll(filepath.Dir(k.dir), 0o700); err != nil {
		return err
	}
	switch err := os.Mkdir(k.dir, 0o700); {
	case errors.Is(err, os.ErrExist):
		return nil
	case err != nil:
		return err
	}
	// The umask may have taken bits from the owner, too.
	return errors.Join(os.Chmod(k.dir, 0o700), durable.SyncDir(filepath.Dir(k.dir))) // #nosec G302 -- a directory
}

// recover checks the modes, removes keys whose making was interrupted, and completes
// interrupted deletions.
func (k *Keyring) recover() error {
	if err := checkMode(k.dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(k.dir, e.Name())
		err := checkMode(path)
		switch {
		case err != nil:
		case strings.HasPrefix(e.Name(), newPrefix):
			err = os.Remove(path)
		case strings.HasPrefix(e.Name(), oldPrefix):
			err = shred(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func checkMode(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = fmt.Errorf("%s: %w", path, ErrModes)
	}
	return err
}

// Ping reports whether the directory exists.
func (k *Keyring) Ping(context.Context) error {
	_, err := os.Stat(k.dir)
	return err
}

// Wrap implements seal.Wrapper.
func (k *Keyring) Wrap(ctx context.Context, w week.Week, dataKey []byte) (secret.KeyRef, []byte, error) {
	key, err := k.load(w)
	if errors.Is(err, secret.ErrKeyGone) {
		if err = k.Make(ctx, w); err == nil {
			key, err = k.load(w)
		}
	}
	if err != nil {
		return secret.KeyRef{}, nil, err
	}
	return secret.KeyRef{Algorithm: algorithm, Name: seal.KeyName(w), Version: key.version}, wrapKey(key.Block, dataKey), nil
}

// Unwrap implements seal.Wrapper.
func (k *Keyring) Unwrap(_ context.Context, ref secret.KeyRef, wrapped []byte) ([]byte, error) {
	w, ok := seal.KeyWeek(ref.Name)
	if !ok || ref.Algorithm != algorithm {
		return nil, seal.ErrForeign
	}
	key, err := k.load(w)
	if err != nil {
		return nil, err
	}
	if key.version != ref.Version {
		return nil, secret.ErrKeyGone // deleted, and a new one was made since
	}
	dataKey, ok := unwrapKey(key.Block, wrapped)
	if !ok {
		return nil, seal.ErrSealed
	}
	return dataKey, nil
}

// weekKey is a week's key. Its version is derived from the key itself, so that
// the version of a key that was made again differs.
type weekKey struct {
	cipher.Block
	version string
	file    os.FileInfo // from which the key was read
}

// load returns a week's key: seal.ErrKeyDisabled, secret.ErrKeyGone.
func (k *Keyring) load(w week.Week) (weekKey, error) {
	path := k.path(w, enabledSuffix)
	file, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		k.loaded.Delete(w)
		if _, err = os.Stat(k.path(w, disabledSuffix)); err == nil {
			return weekKey{}, seal.ErrKeyDisabled
		}
		if errors.Is(err, os.ErrNotExist) {
			return weekKey{}, secret.ErrKeyGone
		}
	}
	if err != nil {
		return weekKey{}, fmt.Errorf("read week key: %w", err)
	}
	if l, ok := k.loaded.Load(w); ok && os.SameFile(l.(weekKey).file, file) && l.(weekKey).file.ModTime().Equal(file.ModTime()) {
		return l.(weekKey), nil
	}
	key, err := readKey(path)
	if err != nil {
		return weekKey{}, fmt.Errorf("read week key: %w", err)
	}
	key.file = file
	k.loaded.Store(w, key)
	return key, nil
}

func readKey(path string) (weekKey, error) {
	data, err := os.ReadFile(path) // #nosec G304 -- in the operator's directory
	defer clear(data)
	if err != nil {
		return weekKey{}, err
	}
	if len(data) != keySize {
		return weekKey{}, fmt.Errorf("%d bytes, want %d", len(data), keySize)
	}
	block, err := aes.NewCipher(data)
	sum := sha256.Sum256(data)
	return weekKey{Block: block, version: hex.EncodeToString(sum[:8])}, err
}

func (k *Keyring) path(w week.Week, suffix string) string {
	return filepath.Join(k.dir, seal.KeyName(w)+suffix)
}
