package bolt

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// index has the holds of a partition, decoded, as they were after so many changes of
// the bucket. Each look-up compares the count within its own transaction, so it
// never returns holds that have changed.
type index struct {
	changes uint64
	ofOne   map[string][]hold.Hold // those of one secret, by its ID
	ofMany  []hold.Hold            // the others
	decoded map[string]hold.Hold   // all, by their stored form
}

// decode decodes a hold, unless the index has it: its other copies have the same form,
// and it stays when others change. The index may be nil.
func (x *index) decode(value []byte) (hold.Hold, error) {
	if x != nil {
		if h, known := x.decoded[string(value)]; known {
			return h, nil
		}
	}
	return store.DecodeHold(value)
}

// mayCover returns the holds that may cover a secret with the ID. They are shared and
// must not be changed.
func (x *index) mayCover(id string) []hold.Hold { return append(x.ofMany, x.ofOne[id]...) }

// indexOf returns the index of a partition. known has the latest one.
func (e *Store) indexOf(ctx context.Context, partition string, known *atomic.Pointer[index]) (found *index, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		changes := tx.Bucket(holdsBucket).Sequence()
		if found = known.Load(); found != nil && found.changes == changes {
			return nil
		}
		before := found
		found = &index{changes: changes, ofOne: map[string][]hold.Hold{}, decoded: map[string]hold.Hold{}}
		for _, value := range holdRows(tx, partition, "") {
			h, err := before.decode(value)
			if err != nil {
				return err
			}
			found.decoded[string(value)] = h
			if first, last := h.Scope.IDs(); first == last {
				found.ofOne[first] = append(found.ofOne[first], h)
			} else {
				found.ofMany = append(found.ofMany, h)
			}
		}
		found.ofMany = slices.Clip(found.ofMany)
		known.Store(found)
		return nil
	})
	return found, err
}

// ActiveHolds implements secret.Store. The copies of a hold are in one file here, so
// the first of them is enough for every secret.
func (e *Store) ActiveHolds(ctx context.Context, id header.ID) ([]hold.Hold, error) {
	active, err := e.indexOf(ctx, store.ActiveHolds(0), &e.active)
	if err != nil {
		return nil, err
	}
	return active.mayCover(id.String()), nil
}

// PreservingHolds implements secret.Store.
func (e *Store) PreservingHolds(ctx context.Context) ([]hold.Hold, error) {
	return store.AllHolds(ctx, e, store.ActiveHolds(0), hold.Filter{Mode: hold.Preserve})
}

// PastHolds implements secret.Store.
func (e *Store) PastHolds(ctx context.Context, t *hold.Target, since time.Time) (holds []hold.Hold, err error) {
	past, err := e.indexOf(ctx, store.PastHolds, &e.past)
	if err != nil {
		return nil, err
	}
	for _, h := range past.mayCover(t.ID) {
		if h.Scope.Covers(t) && h.End().After(since) {
			holds = append(holds, h)
		}
	}
	return holds, nil
}

// InsertHold implements store.Partitions.
func (e *Store) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	data, err := store.EncodeHold(h)
	if err != nil {
		return err
	}
	key := []byte(partition + "/" + h.ID)
	return e.changeHolds(ctx, partition, func(holds *bbolt.Bucket) error {
		if holds.Get(key) != nil {
			return secret.ErrExists
		}
		return holds.Put(key, data)
	})
}

// DropHold implements store.Partitions.
func (e *Store) DropHold(ctx context.Context, partition, id string) error {
	return e.changeHolds(ctx, partition, func(holds *bbolt.Bucket) error { return holds.Delete([]byte(partition + "/" + id)) })
}

// changeHolds changes a partition, and counts the change if there is an index of it.
func (e *Store) changeHolds(ctx context.Context, partition string, change func(*bbolt.Bucket) error) error {
	return e.write(ctx, 0, func(tx *bbolt.Tx) error {
		holds := tx.Bucket(holdsBucket)
		if err := change(holds); err != nil {
			return err
		}
		if partition != store.ActiveHolds(0) && partition != store.PastHolds {
			return nil
		}
		_, err := holds.NextSequence()
		return err
	})
}

// GetHold implements store.Partitions.
func (e *Store) GetHold(ctx context.Context, partition, id string) (found *hold.Hold, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		value := tx.Bucket(holdsBucket).Get([]byte(partition + "/" + id))
		if value == nil {
			return nil
		}
		h, err := store.DecodeHold(value)
		found = &h
		return err
	})
	return found, err
}

// ListHolds implements store.Partitions.
func (e *Store) ListHolds(ctx context.Context, partition string, f hold.Filter, cursor string, most int) (holds []hold.Hold, next string, err error) {
	known, most := &e.active, min(most, store.MaxHolds)
	if partition == store.PastHolds {
		known = &e.past
	}
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		for _, value := range holdRows(tx, partition, cursor) {
			h, err := known.Load().decode(value)
			if err != nil {
				return err
			}
			if !f.Selects(&h) {
				continue
			}
			if len(holds) == most {
				next = holds[most-1].ID
				return nil
			}
			holds = append(holds, h)
		}
		return nil
	})
	return holds, next, err
}

// holdRows returns the holds of a partition whose IDs come after the given one, by key
// and in their order.
func holdRows(tx *bbolt.Tx, partition, after string) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		prefix := []byte(partition + "/")
		c := tx.Bucket(holdsBucket).Cursor()
		for key, value := c.Seek([]byte(partition + "/" + after + "\x00")); bytes.HasPrefix(key, prefix) && yield(key, value); {
			key, value = c.Next()
		}
	}
}
