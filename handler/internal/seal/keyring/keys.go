package keyring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/durable"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Make implements secret.Keyring. It does not change a key that exists, enabled or
// not, and does not replace one that has disappeared since Open: secret.ErrKeyGone.
func (k *Keyring) Make(_ context.Context, w week.Week) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, suffix := range []string{enabledSuffix, disabledSuffix} {
		if _, err := os.Lstat(k.path(w, suffix)); !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if k.known[w] {
		return k.missing(w)
	}
	if err := k.make(w); err != nil {
		return fmt.Errorf("make week key: %w", err)
	}
	k.known[w] = true
	return nil
}

func (k *Keyring) make(w week.Week) error {
	key := make([]byte, keySize)
	defer clear(key)
	if _, err := io.ReadFull(k.random, key); err != nil {
		return fmt.Errorf("read randomness: %w", err)
	}
	err := durable.Create(k.path(w, enabledSuffix), func(f durable.File) error { _, err := f.Write(key); return err })
	if errors.Is(err, os.ErrExist) { // somebody has just put one there
		return durable.SyncDir(k.dir)
	}
	return err
}

// Keys implements secret.Keyring. A key's Updated is the modification time of its file.
func (k *Keyring) Keys(context.Context) ([]secret.WeekKey, error) {
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return nil, fmt.Errorf("list week keys: %w", err)
	}
	var keys []secret.WeekKey
	for _, e := range entries {
		w, enabled, ok := parseName(e.Name())
		if !ok {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("list week keys: %w", err)
		}
		keys = append(keys, secret.WeekKey{Week: w, Enabled: enabled, Updated: info.ModTime()})
	}
	return keys, nil
}

// Disable implements secret.Keyring. It does not change a key that is disabled or gone.
func (k *Keyring) Disable(_ context.Context, w week.Week) error {
	defer k.loaded.Delete(w)
	k.mu.Lock()
	defer k.mu.Unlock()
	// The time is set before the rename: if a crash came between the two in the other
	// order, the key would seem disabled since it was made, and be deleted without
	// the grace period.
	now := time.Now()
	err := os.Chtimes(k.path(w, enabledSuffix), now, now)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.Rename(k.path(w, enabledSuffix), k.path(w, disabledSuffix))
	}
	if err = errors.Join(err, durable.SyncDir(k.dir)); err != nil {
		return fmt.Errorf("disable week key: %w", err)
	}
	return nil
}

// Delete implements secret.Keyring. It overwrites the key as far as the file
// system allows. The rename comes first, so that a partly overwritten key is never used.
func (k *Keyring) Delete(_ context.Context, w week.Week) error {
	defer k.loaded.Delete(w)
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, suffix := range []string{enabledSuffix, disabledSuffix} {
		old := filepath.Join(k.dir, oldPrefix+seal.KeyName(w)+suffix)
		err := os.Rename(k.path(w, suffix), old)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = shred(old)
		}
		if err = errors.Join(err, durable.SyncDir(k.dir)); err != nil {
			return fmt.Errorf("delete week key: %w", err)
		}
	}
	delete(k.known, w)
	return nil
}

// shred overwrites a key's file with zeros and removes it.
func shred(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0) // #nosec G304 -- in the operator's directory
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, keySize))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Remove(path)
}
