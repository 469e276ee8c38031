package seal

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

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// A key's file is its state: what is enabled, disabled or gone changes by one
// rename, so that a crash leaves the one or the other.
const (
	enabledSuffix  = ".key"
	disabledSuffix = ".disabled"
	newPrefix      = ".new-" // being made; may be a second link to a key that is in use
	oldPrefix      = ".old-" // being deleted
)

const localAlgorithm = "A256KW" // AES-256 key wrap, RFC 3394

// ErrModes says that others on this machine could read the keyring.
var ErrModes = errors.New("keyring is open to others: want 0700 for the directory, 0600 for the keys")

// Local is a keyring directory: a file of 32 bytes for each week, for one
// process. It implements Wrapper and secret.Keyring; safe for concurrent use.
// A key is used for as long as its file stands unchanged, which every call looks
// at: who disables or removes one by hand is obeyed at once.
type Local struct {
	dir    string
	random io.Reader
	mu     sync.Mutex // one change of the directory at a time
	read   sync.Map   // week.Week -> localKey
}

// OpenLocal opens or makes the directory, and clears away what a crash left in
// it. It refuses a directory or a file with wider modes: ErrModes.
func OpenLocal(dir string, random io.Reader) (*Local, error) {
	l := &Local{dir: filepath.Clean(dir), random: random}
	for _, step := range []func() error{l.makeDir, l.checkModes, l.sweep} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("open keyring: %w", err)
		}
	}
	return l, nil
}

func (l *Local) makeDir() error {
	if err := os.MkdirAll(filepath.Dir(l.dir), 0o700); err != nil {
		return err
	}
	switch err := os.Mkdir(l.dir, 0o700); {
	case errors.Is(err, os.ErrExist):
		return nil
	case err != nil:
		return err
	}
	// The umask may have taken bits from the owner, too.
	return errors.Join(os.Chmod(l.dir, 0o700), syncDir(filepath.Dir(l.dir))) // #nosec G302 -- a directory
}

func (l *Local) checkModes() error {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return err
	}
	paths := []string{l.dir}
	for _, e := range entries {
		paths = append(paths, filepath.Join(l.dir, e.Name()))
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			return fmt.Errorf("%s: %w", path, ErrModes)
		}
	}
	return nil
}

// sweep ends what a crash interrupted.
func (l *Local) sweep() error {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(l.dir, e.Name())
		switch {
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

// Ping reports whether the directory is there.
func (l *Local) Ping(context.Context) error {
	_, err := os.Stat(l.dir)
	return err
}

// Wrap implements Wrapper.
func (l *Local) Wrap(ctx context.Context, w week.Week, dataKey []byte) (secret.KeyRef, []byte, error) {
	key, err := l.key(w)
	if errors.Is(err, secret.ErrKeyGone) {
		if err = l.Make(ctx, w); err == nil {
			key, err = l.key(w)
		}
	}
	if err != nil {
		return secret.KeyRef{}, nil, err
	}
	return secret.KeyRef{Algorithm: localAlgorithm, Name: keyName(w), Version: key.version}, wrapKey(key.Block, dataKey), nil
}

// Unwrap implements Wrapper.
func (l *Local) Unwrap(_ context.Context, ref secret.KeyRef, wrapped []byte) ([]byte, error) {
	w, ok := weekOf(ref.Name)
	if !ok || ref.Algorithm != localAlgorithm {
		return nil, errForeign
	}
	key, err := l.key(w)
	if err != nil {
		return nil, err
	}
	if key.version != ref.Version {
		return nil, secret.ErrKeyGone // deleted, and made anew since
	}
	dataKey, ok := unwrapKey(key.Block, wrapped)
	if !ok {
		return nil, ErrSealed
	}
	return dataKey, nil
}

// localKey is a week's key. Its version is taken from the key itself, so that
// one that was made anew is told from the one that it replaces.
type localKey struct {
	cipher.Block
	version string
	file    os.FileInfo // from which it was read
}

// key returns a week's key: secret.ErrKeyDisabled, secret.ErrKeyGone.
func (l *Local) key(w week.Week) (localKey, error) {
	path := l.path(w, enabledSuffix)
	file, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		l.read.Delete(w)
		return localKey{}, l.missing(w)
	case err != nil:
		return localKey{}, fmt.Errorf("read week key: %w", err)
	}
	if k, known := l.read.Load(w); known && os.SameFile(k.(localKey).file, file) && k.(localKey).file.ModTime().Equal(file.ModTime()) {
		return k.(localKey), nil
	}
	key, err := readKey(path)
	if err != nil {
		return localKey{}, fmt.Errorf("read week key: %w", err)
	}
	key.file = file
	l.read.Store(w, key)
	return key, nil
}

func readKey(path string) (localKey, error) {
	data, err := os.ReadFile(path) // #nosec G304 -- in the operator's directory
	defer clear(data)
	if err != nil {
		return localKey{}, err
	}
	if len(data) != keySize {
		return localKey{}, fmt.Errorf("%d bytes, want %d", len(data), keySize)
	}
	block, err := aes.NewCipher(data)
	sum := sha256.Sum256(data)
	return localKey{Block: block, version: hex.EncodeToString(sum[:8])}, err
}

// missing says why a week has no enabled key.
func (l *Local) missing(w week.Week) error {
	switch _, err := os.Stat(l.path(w, disabledSuffix)); {
	case err == nil:
		return secret.ErrKeyDisabled
	case errors.Is(err, os.ErrNotExist):
		return secret.ErrKeyGone
	default:
		return fmt.Errorf("read week key: %w", err)
	}
}

func (l *Local) path(w week.Week, suffix string) string {
	return filepath.Join(l.dir, keyName(w)+suffix)
}
