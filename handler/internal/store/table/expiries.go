package table

import (
	"context"
	"fmt"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// Expired implements secret.Expiries.
func (t *Store) Expired(ctx context.Context, from, to secret.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error) {
	if from >= to {
		return nil, "", nil
	}
	filter := fmt.Sprintf("PartitionKey ge '%s' and PartitionKey lt '%s'", store.SlotPartitions(from), store.SlotPartitions(to))
	if uncleared {
		filter += " and cleared eq false"
	}
	return t.list(patient(ctx), filter, cursor)
}

// Clear implements secret.Expiries.
func (t *Store) Clear(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return t.each(ctx, rows, aztables.TransactionTypeUpdateReplace, func(r *secret.Record) ([]byte, error) {
		cleared := *r
		cleared.Cleared = true
		return encodeEntity(&cleared, false)
	})
}

// Delete implements secret.Expiries.
func (t *Store) Delete(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return t.each(ctx, rows, aztables.TransactionTypeDelete, func(r *secret.Record) ([]byte, error) { return encodeKeys(r.ID) })
}

// each changes the rows that still have their versions.
func (t *Store) each(ctx context.Context, rows []*secret.Record, action aztables.TransactionType, encode func(*secret.Record) ([]byte, error)) (left []*secret.Record, err error) {
	var mu sync.Mutex
	leave := func(r *secret.Record) {
		mu.Lock()
		defer mu.Unlock()
		left = append(left, r)
	}
	operations := make([]operation, 0, len(rows))
	for _, r := range rows {
		if r.Version == "" { // as in Update
			leave(r)
			continue
		}
		data, err := encode(r)
		if err != nil {
			return nil, fmt.Errorf("encode entity: %w", err)
		}
		operations = append(operations, operation{
			partition: store.RowPartition(r.ID),
			action:    aztables.TransactionAction{ActionType: action, Entity: data, IfMatch: etag(r)},
			refused:   func() { leave(r) },
		})
	}
	err = transact(ctx, t.secrets, operations)
	return left, err
}
