// Package keyring keeps week keys in a directory of this machine, for one
// process: a file of 32 random bytes for each week, readable by its owner alone.
//
// The name of a key's file shows whether the key is enabled or disabled, so one
// rename changes its state, and a crash leaves either the old state or the new.
// [Keyring.Prepare] completes what a crash interrupted. The file "id" tells a keyring
// from another one.
package keyring

import (
	"context"
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
	oldPrefix      = ".old-" // being deleted
	idName         = "id"    // the keyring's id, idSize bytes in hex

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
		case isBeingMade(e.Name()):
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

// isBeingMade reports whether a file was being made; it may be a second link to a key
// that is in use. Earlier versions named all of them .new-*.
func isBeingMade(name string) bool {
	return slices.ContainsFunc([]string{".new-", "." + idName + "-", "." + seal.KeyName("")}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
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
