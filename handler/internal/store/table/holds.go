package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// ActiveHolds implements secret.Store.
func (t *Store) ActiveHolds(ctx context.Context, id header.ID) ([]hold.Hold, error) {
	return store.ListAll(ctx, t, store.ActiveHolds(id.Shard()))
}

// PastHolds implements secret.Store.
func (t *Store) PastHolds(ctx context.Context) ([]hold.Hold, error) {
	return store.ListAll(ctx, t, store.PastHolds)
}

// ListHolds implements store.Partitions.
func (t *Store) ListHolds(ctx context.Context, partition, cursor string) (holds []hold.Hold, next string, err error) {
	if err := checkKeys(partition, cursor+"0"); err != nil {
		return nil, "", err
	}
	filter := "PartitionKey eq '" + partition + "'"
	if cursor != "" {
		filter += " and RowKey gt '" + cursor + "'"
	}
	for more := ""; ; {
		var entities [][]byte
		if entities, more, err = listPage(ctx, t.holds, filter, "value", more); err != nil {
			return nil, "", err
		}
		for _, data := range entities {
			var e entity
			if err := json.Unmarshal(data, &e); err != nil {
				return nil, "", fmt.Errorf("decode hold: %w", err)
			}
			h, err := store.DecodeHold([]byte(e.Value))
			if err != nil {
				return nil, "", err
			}
			holds, next = append(holds, h), h.ID
		}
		switch {
		case more == "":
			return holds, "", nil
		case next != "": // an answer may have no holds although more follow
			return holds, next, nil
		}
	}
}

// GetHold implements store.Partitions.
func (t *Store) GetHold(ctx context.Context, partition, id string) (*hold.Hold, error) {
	e, err := get(ctx, t.holds, partition, id)
	if errors.Is(err, secret.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h, err := store.DecodeHold([]byte(e.Value))
	return &h, err
}

// InsertHold implements store.Partitions. The ID of the hold has only lower-case
// letters, digits and hyphens: ErrLimit.
func (t *Store) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	value, err := store.EncodeHold(h)
	if err != nil {
		return err
	}
	data, err := (&entity{Partition: partition, Row: h.ID, Value: string(value)}).encode()
	if err != nil {
		return err
	}
	_, err = t.holds.AddEntity(ctx, data, nil)
	return portError(err)
}

// DropHold implements store.Partitions.
func (t *Store) DropHold(ctx context.Context, partition, id string) error {
	if err := checkKeys(partition, id); err != nil {
		return err
	}
	_, err := t.holds.DeleteEntity(ctx, partition, id, nil)
	if err = portError(err); errors.Is(err, secret.ErrNotFound) {
		return nil
	}
	return err
}
