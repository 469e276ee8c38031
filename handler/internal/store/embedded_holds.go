package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// PastHolds is the partition of the holds that are over; the 16 of the active
// ones are ActiveHolds followed by the hex digit of a shard.
const (
	PastHolds   = "past"
	ActiveHolds = "active-"
)

func activePartition(id secret.ID) string { return fmt.Sprintf("%s%x", ActiveHolds, id.Shard()) }

// Active implements secret.Holds.
func (e *Embedded) Active(ctx context.Context, id secret.ID) ([]secret.Hold, error) {
	return e.holds(ctx, activePartition(id))
}

// Past implements secret.Holds.
func (e *Embedded) Past(ctx context.Context) ([]secret.Hold, error) { return e.holds(ctx, PastHolds) }

func (e *Embedded) holds(ctx context.Context, partition string) (holds []secret.Hold, err error) {
	prefix := []byte(partition + "/")
	err = e.view(ctx, func(tx *bolt.Tx) error {
		c := tx.Bucket(holdsBucket).Cursor()
		for key, value := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, value = c.Next() {
			var h secret.Hold
			if err := json.Unmarshal(value, &h); err != nil {
				return fmt.Errorf("decode hold: %w", err)
			}
			holds = append(holds, h)
		}
		return nil
	})
	return holds, err
}

// PutHold writes a hold into a partition, or over the one that stands there. It may be repeated.
func (e *Embedded) PutHold(ctx context.Context, partition string, h secret.Hold) error {
	data, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode hold: %w", err)
	}
	return e.write(ctx, 0, func(tx *bolt.Tx) error {
		return tx.Bucket(holdsBucket).Put([]byte(partition+"/"+h.ID), data)
	})
}

// DropHold removes a hold from a partition; one that is gone already is no error.
func (e *Embedded) DropHold(ctx context.Context, partition, id string) error {
	return e.write(ctx, 0, func(tx *bolt.Tx) error { return tx.Bucket(holdsBucket).Delete([]byte(partition + "/" + id)) })
}
