package bolt

import (
	"bytes"
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// shardHolds has a shard's active holds, decoded, as they were after so many changes
// of the bucket. Each look-up compares the count within its own transaction, so
// it never returns holds that have changed.
type shardHolds struct {
	changes uint64
	holds   []hold.Hold
}

// ActiveHolds implements secret.Store. The holds are shared and must not be changed.
func (e *Store) ActiveHolds(ctx context.Context, id header.ID) (holds []hold.Hold, err error) {
	known := &e.active[id.Shard()]
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		changes := tx.Bucket(holdsBucket).Sequence()
		if s := known.Load(); s != nil && s.changes == changes {
			holds = s.holds
			return nil
		}
		err := eachHold(tx, store.ActiveHolds(id.Shard()), "", func(h hold.Hold) bool { holds = append(holds, h); return true })
		if err == nil {
			holds = slices.Clip(holds)
			known.Store(&shardHolds{changes, holds})
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

// InsertHold implements store.Partitions.
func (e *Store) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	data, err := store.EncodeHold(h)
	if err != nil {
		return err
	}
	key := []byte(partition + "/" + h.ID)
	return e.changeHolds(ctx, func(holds *bbolt.Bucket) error {
		if holds.Get(key) != nil {
			return secret.ErrExists
		}
		return holds.Put(key, data)
	})
}

// DropHold implements store.Partitions.
func (e *Store) DropHold(ctx context.Context, partition, id string) error {
	return e.changeHolds(ctx, func(holds *bbolt.Bucket) error { return holds.Delete([]byte(partition + "/" + id)) })
}

// changeHolds changes the bucket and counts the change.
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

// GetHold implements store.Partitions.
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

// ListHolds implements store.Partitions.
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

// eachHold calls visit for the holds of a partition whose IDs come after the given
// one, in their order, until visit returns false.
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
