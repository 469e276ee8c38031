package keyring

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// weekKey is a week's key. Its version is derived from the key itself, so that
// the version of a key that was made again differs.
type weekKey struct {
	cipher.Block
	version string
	file    os.FileInfo // from which the key was read
}

// load returns the key of a week for use: seal.ErrKeyDisabled, secret.ErrKeyGone,
// seal.ErrKeyDamaged.
func (k *Keyring) load(w week.Week) (weekKey, error) {
	file, err := os.Lstat(k.path(w, enabledSuffix))
	if errors.Is(err, os.ErrNotExist) {
		k.loaded.Delete(w)
		if _, err = os.Lstat(k.path(w, disabledSuffix)); err == nil {
			return weekKey{}, seal.ErrKeyDisabled
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		return weekKey{}, k.missing(w)
	}
	if err != nil {
		return weekKey{}, fmt.Errorf("read week key: %w", err)
	}
	if l, ok := k.loaded.Load(w); ok && unchanged(l.(weekKey).file, file) {
		return l.(weekKey), nil
	}
	key, err := k.readKey(k.path(w, enabledSuffix))
	if err != nil {
		return weekKey{}, err
	}
	k.loaded.Store(w, key)
	return key, nil
}

func unchanged(then, now os.FileInfo) bool {
	return os.SameFile(then, now) && then.ModTime().Equal(now.ModTime()) && then.Size() == now.Size()
}

// find returns the key of a week, enabled or disabled: secret.ErrKeyGone,
// seal.ErrKeyDamaged.
func (k *Keyring) find(w week.Week) (weekKey, error) {
	for _, suffix := range []string{enabledSuffix, disabledSuffix} {
		if key, err := k.readKey(k.path(w, suffix)); !errors.Is(err, os.ErrNotExist) {
			return key, err
		}
	}
	return weekKey{}, k.missing(w)
}

func (k *Keyring) missing(w week.Week) error {
	return fmt.Errorf("%s is not in %s: %w", seal.KeyName(w), k.dir, secret.ErrKeyGone)
}

// otherVersion returns the error for a key that was lost, and made again since.
func (k *Keyring) otherVersion(w week.Week, want secret.KeyRef) error {
	return fmt.Errorf("%s in %s is not version %s: %w", seal.KeyName(w), k.dir, want.Version, secret.ErrKeyGone)
}

// readKey reads a key's file: os.ErrNotExist, seal.ErrKeyDamaged.
func (k *Keyring) readKey(path string) (weekKey, error) {
	data, info, err := k.modes.ReadFile(path, keySize+1)
	defer clear(data)
	if errors.Is(err, os.ErrNotExist) {
		return weekKey{}, err
	}
	if err == nil {
		err = checkKey(path, data, info.Size())
	}
	if err != nil {
		return weekKey{}, fmt.Errorf("%s: %w: %w", filepath.Base(path), seal.ErrKeyDamaged, err)
	}
	block, err := aes.NewCipher(data)
	return weekKey{Block: block, version: versionOf(data), file: info}, err
}

// checkKey refuses what cannot be a key. A file of zeros is what some file systems leave
// of a new file after a crash.
func checkKey(path string, data []byte, size int64) error {
	switch {
	case len(data) != keySize:
		return fmt.Errorf("%s has %d bytes, want %d", path, size, keySize)
	case bytes.Equal(data, make([]byte, keySize)):
		return fmt.Errorf("%s has only zeros", path)
	}
	return nil
}

func versionOf(key []byte) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// Parse reads a file of a keyring's directory that is elsewhere, such as in a backup. It
// returns the name and version of a key, enabled or disabled, or the keyring's id, and
// neither for another file. Errors: seal.ErrKeyDamaged.
func Parse(name string, data []byte) (ref secret.KeyRef, id string, err error) {
	w, _, ok := parseName(name)
	switch {
	case name == idName:
		return ref, strings.TrimSpace(string(data)), nil
	case !ok:
		return ref, "", nil
	}
	if err := checkKey(name, data, int64(len(data))); err != nil {
		return ref, "", fmt.Errorf("%w: %w", seal.ErrKeyDamaged, err)
	}
	return secret.KeyRef{Algorithm: Algorithm, Name: seal.KeyName(w), Version: versionOf(data)}, "", nil
}

// parseName returns the week of a key's file name, and whether the key is enabled.
func parseName(name string) (w week.Week, enabled, ok bool) {
	suffix := filepath.Ext(name)
	w, ok = seal.KeyWeek(strings.TrimSuffix(name, suffix))
	return w, suffix == enabledSuffix, ok && (suffix == enabledSuffix || suffix == disabledSuffix)
}

func (k *Keyring) path(w week.Week, suffix string) string {
	return filepath.Join(k.dir, seal.KeyName(w)+suffix)
}
