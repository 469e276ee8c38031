package table

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/azure"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// Insert implements secret.Store. When an answer was lost, the SDK's retry finds
// the row of the first try: secret.ErrExists, and the row has the caller's digest.
func (t *Store) Insert(ctx context.Context, r *secret.Record) error {
	data, err := encodeSecret(r, true)
	if err != nil {
		return fmt.Errorf("encode entity: %w", err)
	}
	if err := t.useKey(ctx, r.Sealed.Key); err != nil {
		return err
	}
	_, err = t.secrets.AddEntity(ctx, data, nil)
	return portError(err)
}

// Get implements secret.Store.
func (t *Store) Get(ctx context.Context, id header.ID) (*secret.Record, error) {
	res, err := t.secrets.GetEntity(ctx, store.RowPartition(id), id.String(), nil)
	if err != nil {
		return nil, portError(err)
	}
	return decodeSecret(res.Value, true)
}

// Peek implements secret.Store. It is a query for one row, since only queries
// support $select.
func (t *Store) Peek(ctx context.Context, id header.ID) (*secret.Record, error) {
	filter := fmt.Sprintf("PartitionKey eq '%s' and RowKey eq '%s'", store.RowPartition(id), id)
	for cursor := ""; ; {
		rows, next, err := t.list(ctx, filter, cursor)
		switch {
		case err != nil:
			return nil, err
		case len(rows) > 0:
			return rows[0], nil
		case next == "":
			return nil, secret.ErrNotFound
		}
		cursor = next
	}
}

// Update implements secret.Store. The sealed envelope is not sent again: a merge
// keeps it, a replace without it deletes it. After an update that was not
// answered only a read shows whether it took effect, so it is not retried.
func (t *Store) Update(ctx context.Context, r *secret.Record) error {
	if r.Version == "" {
		return secret.ErrStale // without an ETag the service would overwrite any version
	}
	data, err := encodeSecret(r, false)
	if err != nil {
		return fmt.Errorf("encode entity: %w", err)
	}
	mode := aztables.UpdateModeMerge
	if r.Cleared {
		mode = aztables.UpdateModeReplace
	}
	_, err = t.secrets.UpdateEntity(azure.WithoutRetries(ctx), data, &aztables.UpdateEntityOptions{IfMatch: etag(r), UpdateMode: mode})
	return portError(err)
}

func etag(r *secret.Record) *azcore.ETag { return to.Ptr(azcore.ETag(r.Version)) }

// list returns one page of a query for rows without their sealed envelopes, and
// the cursor of the next. A page may be empty without being the last.
func (t *Store) list(ctx context.Context, filter, cursor string) (rows []*secret.Record, next string, err error) {
	entities, next, err := listPage(ctx, t.secrets, filter, "row", cursor, maxPage)
	for _, data := range entities {
		r, err := decodeSecret(data, false)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, r)
	}
	return rows, next, err
}

// Expired implements secret.Store.
func (t *Store) Expired(ctx context.Context, from, to header.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error) {
	if from >= to {
		return nil, "", nil
	}
	filter := fmt.Sprintf("PartitionKey ge '%s' and PartitionKey lt '%s'", store.SlotPartitions(from), store.SlotPartitions(to))
	if uncleared {
		filter += " and cleared eq false"
	}
	return t.list(withLargeTimeout(ctx), filter, cursor)
}

// Clear implements secret.Store.
func (t *Store) Clear(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return t.changeRows(ctx, rows, aztables.TransactionTypeUpdateReplace, func(r *secret.Record) ([]byte, error) {
		return encodeSecret(store.Cleared(r), false)
	})
}

// Delete implements secret.Store.
func (t *Store) Delete(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return t.changeRows(ctx, rows, aztables.TransactionTypeDelete, func(r *secret.Record) ([]byte, error) {
		return newProperties(store.RowPartition(r.ID), r.ID.String()).encode()
	})
}

// changeRows changes the rows that still have their versions, and returns the others.
func (t *Store) changeRows(ctx context.Context, rows []*secret.Record, action aztables.TransactionType, encode func(*secret.Record) ([]byte, error)) (left []*secret.Record, err error) {
	operations := make([]operation, 0, len(rows))
	for _, r := range rows {
		if r.Version == "" { // as in Update
			left = append(left, r)
			continue
		}
		data, err := encode(r)
		if err != nil {
			return nil, fmt.Errorf("encode entity: %w", err)
		}
		operations = append(operations, operation{
			partition: store.RowPartition(r.ID),
			action:    aztables.TransactionAction{ActionType: action, Entity: data, IfMatch: etag(r)},
			row:       r,
		})
	}
	err = transact(ctx, t.secrets, operations)
	for _, o := range operations {
		if o.refused {
			left = append(left, o.row)
		}
	}
	return left, err
}
