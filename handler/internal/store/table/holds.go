package table

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// ActiveHolds implements secret.Store.
func (t *Store) ActiveHolds(ctx context.Context, id secret.ID) ([]hold.Hold, error) {
	return t.listHolds(ctx, store.ActiveHolds(id.Shard()))
}

// PastHolds implements secret.Store.
func (t *Store) PastHolds(ctx context.Context) ([]hold.Hold, error) {
	return t.listHolds(ctx, store.PastHolds)
}

func (t *Store) listHolds(ctx context.Context, partition string) (holds []hold.Hold, err error) {
	for cursor := ""; ; {
		next := ""
		holds, next, err = t.holdsPage(ctx, partitionFilter(partition), cursor, holds)
		if cursor = next; err != nil || cursor == "" {
			return holds, err
		}
	}
}

func partitionFilter(partition string) string { return "PartitionKey eq '" + partition + "'" }

// holdsPage appends what one answer has, which may be nothing though more follows.
func (t *Store) holdsPage(ctx context.Context, filter, cursor string, to []hold.Hold) (holds []hold.Hold, next string, err error) {
	entities, next, err := listPage(ctx, t.holds, filter, "value", cursor)
	if err != nil {
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
		to = append(to, h)
	}
	return to, next, nil
}

// ListHolds returns the holds of a partition whose IDs come after the cursor, in
// their order, at most 1,000, and the cursor of the next page, empty after the last.
func (t *Store) ListHolds(ctx context.Context, partition, cursor string) (holds []hold.Hold, next string, err error) {
	if err := checkKeys(partition, cursor+"0"); err != nil {
		return nil, "", err
	}
	filter := partitionFilter(partition)
	if cursor != "" {
		filter += " and RowKey gt '" + cursor + "'"
	}
	for more := ""; ; {
		holds, more, err = t.holdsPage(ctx, filter, more, holds)
		switch {
		case err != nil || more == "":
			return holds, "", err
		case len(holds) > 0: // so that no page is beyond its bound
			return holds, holds[len(holds)-1].ID, nil
		}
	}
}

// GetHold returns a hold of a partition: secret.ErrNotFound.
func (t *Store) GetHold(ctx context.Context, partition, id string) (h hold.Hold, err error) {
	var e entity
	if err := get(ctx, t.holds, partition, id, &e); err != nil {
		return h, err
	}
	return store.DecodeHold([]byte(e.Value))
}

// InsertHold adds a hold to a partition: secret.ErrExists when one with its ID
// stands there, perhaps written by an earlier try of this call. For its ID see PutHold.
func (t *Store) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	e, err := holdEntity(partition, h)
	if err != nil {
		return err
	}
	data, err := e.encode()
	if err != nil {
		return err
	}
	_, err = t.holds.AddEntity(ctx, data, nil)
	return portError(err)
}

// PutHold writes a hold into a partition, or over the one that stands there. It
// may be repeated. Its ID holds only lower-case letters, digits and hyphens: ErrLimit.
func (t *Store) PutHold(ctx context.Context, partition string, h hold.Hold) error {
	e, err := holdEntity(partition, h)
	if err != nil {
		return err
	}
	return put(ctx, t.holds, e)
}

func holdEntity(partition string, h hold.Hold) (*entity, error) {
	data, err := store.EncodeHold(h)
	if err != nil {
		return nil, err
	}
	return &entity{Partition: partition, Row: h.ID, Value: string(data)}, nil
}

// DropHold removes a hold from a partition; one that is gone already is no error.
func (t *Store) DropHold(ctx context.Context, partition, id string) error {
	return drop(ctx, t.holds, partition, id)
}
