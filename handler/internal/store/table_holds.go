package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Active implements secret.Holds.
func (t *Table) Active(ctx context.Context, id secret.ID) ([]secret.Hold, error) {
	return t.listHolds(ctx, activePartition(id))
}

// Past implements secret.Holds.
func (t *Table) Past(ctx context.Context) ([]secret.Hold, error) { return t.listHolds(ctx, PastHolds) }

func (t *Table) listHolds(ctx context.Context, partition string) (holds []secret.Hold, err error) {
	for cursor := ""; ; {
		entities, next, err := listPage(ctx, t.holds, "PartitionKey eq '"+partition+"'", "value", cursor)
		if err != nil {
			return nil, err
		}
		for _, data := range entities {
			var e entity
			var h secret.Hold
			if err := errors.Join(json.Unmarshal(data, &e), json.Unmarshal([]byte(e.Value), &h)); err != nil {
				return nil, fmt.Errorf("decode hold: %w", err)
			}
			holds = append(holds, h)
		}
		if cursor = next; cursor == "" {
			return holds, nil
		}
	}
}

// PutHold writes a hold into a partition, or over the one that stands there. It
// may be repeated. Its ID holds only lower-case letters, digits and hyphens: ErrLimit.
func (t *Table) PutHold(ctx context.Context, partition string, h secret.Hold) error {
	data, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode hold: %w", err)
	}
	return put(ctx, t.holds, &entity{Partition: partition, Row: h.ID, Value: string(data)})
}

// DropHold removes a hold from a partition; one that is gone already is no error.
func (t *Table) DropHold(ctx context.Context, partition, id string) error {
	return drop(ctx, t.holds, partition, id)
}
