package bolt

import (
	"bytes"
	"context"
	"math"
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
		if holds, err = listHolds(tx, store.ActiveHolds(id.Shard()), "", math.MaxInt); err == nil {
			holds = slices.Clip(holds)
			known.Store(&shardHolds{changes, holds})
		}
		return err
	})
	return holds, err
}

// PastHolds implements secret.Store.
func (e *Store) PastHolds(ctx context.Context) ([]hold.Hold, error) {
	return store.ListAll(ctx, e, store.PastHolds)
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
func (e *Store) ListHolds(ctx context.Context, partition, cursor string) (holds []hold.Hold, next string, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) (err error) {
		holds, err = listHolds(tx, partition, cursor, page+1)
		return err
	})
	if len(holds) > page {
		holds, next = holds[:page], holds[page-1].ID
	}
	return holds, next, err
}

// listHolds returns up to most holds of a partition whose IDs come after the given
// one, in their order.
func listHolds(tx *bbolt.Tx, partition, after string, most int) (holds []hold.Hold, err error) {
	prefix := []byte(partition + "/")
	c := tx.Bucket(holdsBucket).Cursor()
	for key, value := c.Seek([]byte(partition + "/" + after + "\x00")); bytes.HasPrefix(key, prefix) && len(holds) < most; key, value = c.Next() {
		h, err := store.DecodeHold(value)
		if err != nil {
			return nil, err
		}
		holds = append(holds, h)
	}
	return holds, nil
}
