// Package keyring keeps week keys in a directory of this machine, for one
// process: a file of 32 random bytes for each week, readable by its owner alone.
//
// The name of a key's file shows whether the key is enabled or disabled, so one
// rename changes its state, and a crash leaves either the old state or the new.
// [Keyring.Prepare] completes what a crash interrupted. The file "id" tells a keyring
// from another one.
package keyring

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/secretsharer/secretsharer/handler/internal/durable"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

const (
	enabledSuffix  = ".key"
	disabledSuffix = ".disabled"
	newPrefix      = ".new-" // being made; may be a second link to a key that is in use
	oldPrefix      = ".old-" // being deleted
	idName         = "id"    // the keyring's id, idSize bytes in hex
	newIDPrefix    = ".id-"  // being made

	idSize  = 8  // bytes
	keySize = 32 // bytes
)

// Algorithm is that of every key of a keyring: AES-256 key wrap, RFC 3394.
const Algorithm = "A256KW"

// Keyring implements seal.Wrapper and secret.Keyring. Every call checks the
// key's file and uses the key in memory only while the file is unchanged, so
// changes that somebody makes by hand take effect at once. A key that disappears
// while the process runs is not replaced by a new one. Safe for concurrent use.
type Keyring struct {
	dir    string
	modes  owned.Modes
	random io.Reader
	id     string
	mu     sync.Mutex         // held while the directory is changed; guards known
	known  map[week.Week]bool // the weeks whose key the directory had or got, and that Delete has not deleted
	loaded sync.Map           // week.Week -> weekKey
}

// Open reads the directory and changes nothing. A directory that does not exist is an
// empty keyring. Call [Keyring.Prepare] before any other method that makes or needs a
// key. Keys are taken from random. Damaged keys are no error: see [Keyring.Damaged].
// Errors: owned.ErrAccess.
func Open(dir string, modes owned.Modes, random io.Reader) (*Keyring, error) {
	k := &Keyring{dir: filepath.Clean(dir), modes: modes, random: random, known: map[week.Week]bool{}}
	err := modes.CheckClosedDir(k.dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return k, nil
	case err == nil:
		err = k.read()
	}
	if err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	return k, nil
}

// read checks all files, notes the weeks, and reads the keyring's id.
func (k *Keyring) read() error {
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		w, _, ours := parseName(e.Name())
		if e.IsDir() && !ours {
			continue // such as lost+found
		}
		file, err := k.modes.OpenFile(filepath.Join(k.dir, e.Name()), os.O_RDONLY, 0)
		if err != nil {
			return err
		}
		_ = file.Close()
		if ours {
			k.known[w] = true
		}
	}
	path := filepath.Join(k.dir, idName)
	data, _, err := k.modes.ReadFile(path, 1<<10)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	k.id = strings.TrimSpace(string(data))
	if raw, err := hex.DecodeString(k.id); err != nil || len(raw) != idSize {
		return fmt.Errorf("%s is damaged: restore it from the backup, or remove it; then the start compares the keys alone", path)
	}
	return nil
}

// Prepare makes the directory and its id, if there is none, and completes what a
// crash interrupted.
func (k *Keyring) Prepare() error {
	err := k.makeDir()
	if err == nil {
		err = k.recover()
	}
	if err == nil && k.id == "" {
		err = k.makeID()
	}
	if err != nil {
		return fmt.Errorf("prepare keyring: %w", err)
	}
	return nil
}

func (k *Keyring) makeDir() error {
	switch err := os.Mkdir(k.dir, 0o700); {
	case errors.Is(err, os.ErrExist):
		return nil
	case err != nil:
		return err
	}
	// The umask may have taken bits from the owner, too.
	return errors.Join(os.Chmod(k.dir, 0o700), durable.SyncDir(filepath.Dir(k.dir))) // #nosec G302 -- a directory
}

// recover removes files whose making was interrupted, and completes interrupted deletions.
func (k *Keyring) recover() error {
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(k.dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), newPrefix), strings.HasPrefix(e.Name(), newIDPrefix):
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

func (k *Keyring) makeID() error {
	raw := make([]byte, idSize)
	if _, err := io.ReadFull(k.random, raw); err != nil {
		return fmt.Errorf("read randomness: %w", err)
	}
	id := hex.EncodeToString(raw)
	if err := durable.WriteFile(filepath.Join(k.dir, idName), []byte(id+"\n")); err != nil {
		return err
	}
	k.id = id
	return nil
}

// ID returns what tells this keyring from others, whatever keys it has. It is empty
// for one that was never prepared.
func (k *Keyring) ID() string { return k.id }

// Find reports whether the keyring has this version of a key, enabled or disabled.
// Errors: secret.ErrKeyGone, seal.ErrKeyDamaged, seal.ErrForeign.
func (k *Keyring) Find(_ context.Context, ref secret.KeyRef) error {
	w, ok := seal.KeyWeek(ref.Name)
	if !ok || ref.Algorithm != Algorithm {
		return fmt.Errorf("%s: %w", ref.Name, seal.ErrForeign)
	}
	key, err := k.find(w)
	if err == nil && key.version != ref.Version {
		err = k.otherVersion(w, ref)
	}
	return err
}

// Damaged returns an error for each key that is damaged, or that has disappeared since
// Open, by its name: seal.ErrKeyDamaged, secret.ErrKeyGone.
func (k *Keyring) Damaged() map[string]error {
	k.mu.Lock()
	defer k.mu.Unlock()
	damaged := map[string]error{}
	for w := range k.known {
		_, err := k.load(w)
		if errors.Is(err, seal.ErrKeyDisabled) {
			_, err = k.find(w)
		}
		if err != nil {
			damaged[seal.KeyName(w)] = err
		}
	}
	return damaged
}

// Ping reports whether the directory exists, and all keys in it can be read. Errors of
// single keys: seal.ErrKeyDamaged, secret.ErrKeyGone.
func (k *Keyring) Ping(context.Context) error {
	if _, err := os.Stat(k.dir); err != nil {
		return err
	}
	return errors.Join(slices.Collect(maps.Values(k.Damaged()))...)
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
	return secret.KeyRef{Algorithm: Algorithm, Name: seal.KeyName(w), Version: key.version}, wrapKey(key.Block, dataKey), nil
}

// Unwrap implements seal.Wrapper.
func (k *Keyring) Unwrap(_ context.Context, ref secret.KeyRef, wrapped []byte) ([]byte, error) {
	w, ok := seal.KeyWeek(ref.Name)
	if !ok || ref.Algorithm != Algorithm {
		return nil, seal.ErrForeign
	}
	key, err := k.load(w)
	if err != nil {
		return nil, err
	}
	if key.version != ref.Version {
		return nil, k.otherVersion(w, ref)
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
