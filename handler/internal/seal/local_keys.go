package seal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Make implements secret.Keyring. A key that stands, enabled or not, is left alone.
func (l *Local) Make(_ context.Context, w week.Week) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, suffix := range []string{enabledSuffix, disabledSuffix} {
		if _, err := os.Stat(l.path(w, suffix)); !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := l.make(w); err != nil {
		return fmt.Errorf("make week key: %w", err)
	}
	return nil
}

func (l *Local) make(w week.Week) error {
	key := make([]byte, keySize)
	defer clear(key)
	if _, err := io.ReadFull(l.random, key); err != nil {
		return fmt.Errorf("read randomness: %w", err)
	}
	file, err := os.CreateTemp(l.dir, newPrefix)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(key)
	// The umask may have taken bits from the owner, too.
	if err = errors.Join(err, file.Chmod(0o600), file.Sync(), file.Close()); err != nil {
		return err
	}
	// A link, unlike a rename, never replaces a key.
	if err := os.Link(file.Name(), l.path(w, enabledSuffix)); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncDir(l.dir)
}

// Keys implements secret.Keyring. A key's Updated is the time of its file.
func (l *Local) Keys(context.Context) ([]secret.WeekKey, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, fmt.Errorf("list week keys: %w", err)
	}
	var keys []secret.WeekKey
	for _, e := range entries {
		suffix := filepath.Ext(e.Name())
		w, ok := weekOf(strings.TrimSuffix(e.Name(), suffix))
		if !ok || suffix != enabledSuffix && suffix != disabledSuffix {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("list week keys: %w", err)
		}
		keys = append(keys, secret.WeekKey{Week: w, Enabled: suffix == enabledSuffix, Updated: info.ModTime()})
	}
	return keys, nil
}

// Disable implements secret.Keyring. A key that is disabled or gone is left alone.
func (l *Local) Disable(_ context.Context, w week.Week) error {
	defer l.read.Delete(w)
	l.mu.Lock()
	defer l.mu.Unlock()
	// The time comes first: a crash after the rename would leave the key's own
	// age for the time of its disabling, and so no grace.
	now := time.Now()
	err := os.Chtimes(l.path(w, enabledSuffix), now, now)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.Rename(l.path(w, enabledSuffix), l.path(w, disabledSuffix))
	}
	if err = errors.Join(err, syncDir(l.dir)); err != nil {
		return fmt.Errorf("disable week key: %w", err)
	}
	return nil
}

// Delete implements secret.Keyring. It overwrites the key as far as the file
// system lets anyone do that; the rename comes first, so that no half of a key
// is ever taken for one.
func (l *Local) Delete(_ context.Context, w week.Week) error {
	defer l.read.Delete(w)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, suffix := range []string{enabledSuffix, disabledSuffix} {
		old := filepath.Join(l.dir, oldPrefix+keyName(w)+suffix)
		err := os.Rename(l.path(w, suffix), old)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = shred(old)
		}
		if err = errors.Join(err, syncDir(l.dir)); err != nil {
			return fmt.Errorf("delete week key: %w", err)
		}
	}
	return nil
}

// shred overwrites a key's file with zeros and removes it.
func shred(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0) // #nosec G304 -- a name of ours in the keyring
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, keySize))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Remove(path)
}

// syncDir makes what was renamed, linked or removed in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
