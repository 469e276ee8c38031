// Package keycheck compares the keys that stored secrets need with those that the
// keyring or vault has, so that a process that lacks keys is noticed when it starts,
// not when a reader is refused.
//
// The store keeps an index of the keys that its rows were sealed under, and the id of
// the keyring that they came from. A key matters only while a secret that is sealed
// under it can still be read.
package keycheck

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Rows lists rows, as secret.Store does.
type Rows interface {
	Expired(ctx context.Context, from, to header.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error)
}

// Index is a store's index of keys. Its calls may be repeated.
type Index interface {
	// UsedKeys returns each key that a row was inserted under, until ForgetKey. No row
	// is stored before its key is in the index.
	UsedKeys(ctx context.Context) ([]secret.KeyRef, error)
	// ForgetKey removes all versions of the key with the name.
	ForgetKey(ctx context.Context, name string) error
	// KeyringID returns the id of the keyring that the store is used with, empty for a
	// new store and for one whose rows were inserted without an index.
	KeyringID(ctx context.Context) (string, error)
	// SetKeyring adds keys to the index, and then replaces the id.
	SetKeyring(ctx context.Context, id string, used []secret.KeyRef) error
}

// Keyring is a keyring or vault as the check sees it.
type Keyring interface {
	// ID tells this keyring from others. It is empty for one that was never used.
	ID() string
	// Find reports whether this version of a key is there, enabled or disabled. Errors:
	// secret.ErrKeyGone, seal.ErrKeyDamaged, seal.ErrForeign; after any other it is
	// not known.
	Find(ctx context.Context, ref secret.KeyRef) error
	// Damaged returns an error for each key that cannot be used, by its name.
	Damaged() map[string]error
}

// Checker checks the keys of a store.
type Checker struct {
	Rows    Rows
	Index   Index
	Keyring Keyring
	Now     func() time.Time
}

// Result is what Check found.
type Result struct {
	// Faults has an error for each key that is missing or damaged, and for a keyring
	// that is not the store's. Empty means that every secret can be opened.
	Faults []error
	// NewStore means that the store is empty and was never used with a keyring, while
	// this keyring was used with a store.
	NewStore bool

	checker *Checker
	stored  string          // the keyring's id in the store
	scanned []secret.KeyRef // the keys in use, of a store without an index
	missing []secret.KeyRef // needed by secrets that can still be read
}

// parallel is how many keys are looked for at the same time.
const parallel = 8

// Check changes nothing. It fails when the store or the vault does not answer.
func (c *Checker) Check(ctx context.Context) (*Result, error) {
	r := &Result{checker: c}
	used, err := r.used(ctx)
	if err != nil {
		return nil, fmt.Errorf("read index of keys: %w", err)
	}
	found, err := c.findAll(ctx, used)
	if err != nil {
		return nil, fmt.Errorf("find keys: %w", err)
	}
	r.NewStore = r.stored == "" && len(used) == 0 && c.Keyring.ID() != ""
	damaged, fits := c.Keyring.Damaged(), false
	for i, ref := range used {
		if found[i] == nil {
			fits = true
			continue
		}
		n, err := c.count(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("count secrets under %s: %w", ref.Name, err)
		}
		if n > 0 {
			r.missing = append(r.missing, ref)
			r.Faults = append(r.Faults, fmt.Errorf("%w; secrets that need it: %d", found[i], n))
			delete(damaged, ref.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(damaged)) {
		r.Faults = append(r.Faults, fmt.Errorf("%w; secrets that need it: 0", damaged[name]))
	}
	// A backup from before the keyring had an id is known by its keys.
	if r.stored != "" && r.stored != c.Keyring.ID() && (!fits || len(r.missing) > 0) {
		r.Faults = append(r.Faults, fmt.Errorf("the keyring is not the one that the store was used with: its id is %q, want %q", c.Keyring.ID(), r.stored))
	}
	return r, nil
}

// used returns the keys in the index, or those of all living rows if there is no index yet.
func (r *Result) used(ctx context.Context) (used []secret.KeyRef, err error) {
	if r.stored, err = r.checker.Index.KeyringID(ctx); err != nil {
		return nil, err
	}
	if r.stored != "" {
		return r.checker.Index.UsedKeys(ctx)
	}
	seen := map[secret.KeyRef]bool{}
	err = r.checker.each(ctx, header.SlotOf(r.checker.Now()), ^header.Slot(0), func(row *secret.Record) { seen[row.Sealed.Key] = true })
	r.scanned = slices.Collect(maps.Keys(seen))
	return r.scanned, err
}

// findAll returns for each key why it is missing, nil for one that is there.
func (c *Checker) findAll(ctx context.Context, refs []secret.KeyRef) ([]error, error) {
	found := make([]error, len(refs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, ref := range refs {
		group.Go(func() error {
			if found[i] = c.Keyring.Find(ctx, ref); Lacks(found[i]) {
				return nil
			}
			return found[i]
		})
	}
	return found, group.Wait()
}

// Lacks reports whether an error of a keyring means that it lacks a single key.
func Lacks(err error) bool {
	return errors.Is(err, secret.ErrKeyGone) || errors.Is(err, seal.ErrKeyDamaged) || errors.Is(err, seal.ErrForeign)
}

// count returns how many secrets that are sealed under the key can still be read.
func (c *Checker) count(ctx context.Context, ref secret.KeyRef) (n int, err error) {
	w, ok := seal.KeyWeek(ref.Name)
	if !ok || !c.Now().Before(w.End()) {
		return 0, nil
	}
	err = c.each(ctx, header.SlotOf(w.Start()), header.SlotOf(w.End()), func(row *secret.Record) {
		if row.Sealed.Key == ref && c.Now().Before(row.Expires) {
			n++
		}
	})
	return n, err
}

// each visits the rows of slots that were not cleared.
func (c *Checker) each(ctx context.Context, from, to header.Slot, visit func(*secret.Record)) error {
	for cursor := ""; ; {
		rows, next, err := c.Rows.Expired(ctx, from, to, true, cursor)
		if err != nil {
			return err
		}
		for _, row := range rows {
			visit(row)
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// Keep makes the store remember the keyring, and the index of a store that had none.
// Call it when the service goes on, after the keyring has its id.
func (r *Result) Keep(ctx context.Context) error {
	if r.stored == r.checker.Keyring.ID() {
		return nil
	}
	if err := r.checker.Index.SetKeyring(ctx, r.checker.Keyring.ID(), r.scanned); err != nil {
		return fmt.Errorf("keep keyring's id: %w", err)
	}
	return nil
}

// StillMissing returns an error that names a key that is still missing, of those that
// Check missed, until their weeks are over.
func (r *Result) StillMissing(ctx context.Context) error {
	for _, ref := range r.missing {
		w, _ := seal.KeyWeek(ref.Name)
		if err := r.checker.Keyring.Find(ctx, ref); Lacks(err) && r.checker.Now().Before(w.End()) {
			return err
		}
	}
	return nil
}

// Forget returns a keyring that takes a key out of the index before it deletes it.
func Forget(keyring secret.Keyring, index Index) secret.Keyring { return forgetting{keyring, index} }

type forgetting struct {
	secret.Keyring
	index Index
}

// Delete implements secret.Keyring.
func (f forgetting) Delete(ctx context.Context, w week.Week) error {
	if err := f.index.ForgetKey(ctx, seal.KeyName(w)); err != nil {
		return fmt.Errorf("forget key: %w", err)
	}
	return f.Keyring.Delete(ctx, w)
}
