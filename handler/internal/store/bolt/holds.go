package bolt

import (
	"bytes"
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// standing is a shard's active holds as they were after so many changes of the
// bucket. It spares a read the decoding, not the look: every look-up compares
// the count in the transaction that it reads in.
type standing struct {
	changes uint64
	holds   []hold.Hold
}

// ActiveHolds implements secret.Store. The holds are shared and must not be changed.
func (e *Store) ActiveHolds(ctx context.Context, id secret.ID) (holds []hold.Hold, err error) {
	known := &e.standing[id.Shard()]
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		changes := tx.Bucket(holdsBucket).Sequence()
		if s := known.Load(); s != nil && s.changes == changes {
			holds = s.holds
			return nil
		}
		err := eachHold(tx, store.ActiveHolds(id.Shard()), "", func(h hold.Hold) bool { holds = append(holds, h); return true })
		if err == nil {
			holds = slices.Clip(holds)
			known.Store(&standing{changes, holds})
		}
		return err
	})
	return holds, err
}

// PastHolds implements secret.Store.
func (e *Store) PastHolds(ctx context.Context) (holds []hold.Hold, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		return eachHold(tx, store.PastHolds, "", func(h hold.Hold) bool { holds = append(holds, h); return true })
	})
	return holds, err
}

// InsertHold adds a hold to a partition: secret.ErrExists when one with its ID stands there.
func (e *Store) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	return e.putHold(ctx, partition, h, false)
}

// PutHold writes a hold into a partition, or over the one that stands there. It may be repeated.
func (e *Store) PutHold(ctx context.Context, partition string, h hold.Hold) error {
	return e.putHold(ctx, partition, h, true)
}

func (e *Store) putHold(ctx context.Context, partition string, h hold.Hold, over bool) error {
	data, err := store.EncodeHold(h)
	if err != nil {
		return err
	}
	key := []byte(partition + "/" + h.ID)
	return e.changeHolds(ctx, func(holds *bbolt.Bucket) error {
		if !over && holds.Get(key) != nil {
			return secret.ErrExists
		}
		return holds.Put(key, data)
	})
}

// DropHold removes a hold from a partition; one that is gone already is no error.
func (e *Store) DropHold(ctx context.Context, partition, id string) error {
	return e.changeHolds(ctx, func(holds *bbolt.Bucket) error { return holds.Delete([]byte(partition + "/" + id)) })
}

// changeHolds changes the bucket and counts that.
func (e *Store) changeHolds(ctx context.Context, change func(*bbolt.Bucket) error) error {
	return e.write(ctx, 0, func(tx *bbolt.Tx) error {
		holds := tx.Bucket(holdsBucket)
		if err := change(holds); err != nil {
			return err
		}
		_, err := holds.NextSequence()
		return err
	})
}

// GetHold returns a hold of a partition: secret.ErrNotFound.
func (e *Store) GetHold(ctx context.Context, partition, id string) (h hold.Hold, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		value := tx.Bucket(holdsBucket).Get([]byte(partition + "/" + id))
		if value == nil {
			return secret.ErrNotFound
		}
		h, err = store.DecodeHold(value)
		return err
	})
	return h, err
}

// ListHolds returns the holds of a partition whose IDs come after the cursor, in
// their order, at most 1,000, and the cursor of the next page, empty after the last.
func (e *Store) ListHolds(ctx context.Context, partition, cursor string) (holds []hold.Hold, next string, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		return eachHold(tx, partition, cursor, func(h hold.Hold) bool {
			if len(holds) == page {
				next = holds[page-1].ID
				return false
			}
			holds = append(holds, h)
			return true
		})
	})
	return holds, next, err
}

// eachHold visits the holds of a partition whose IDs come after one, while visit says so.
func eachHold(tx *bbolt.Tx, partition, after string, visit func(hold.Hold) bool) error {
	prefix := []byte(partition + "/")
	start := append(bytes.Clone(prefix), after...)
	c := tx.Bucket(holdsBucket).Cursor()
	key, value := c.Seek(start)
	if after != "" && bytes.Equal(key, start) {
		key, value = c.Next()
	}
	for ; bytes.HasPrefix(key, prefix); key, value = c.Next() {
		h, err := store.DecodeHold(value)
		if err != nil {
			return err
		}
		if !visit(h) {
			return nil
		}
	}
	return nil
}
