package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// Insert implements secret.Store. After a lost answer the SDK's retry finds the
// row standing: ErrExists, with the caller's own digest.
func (t *Store) Insert(ctx context.Context, r *secret.Record) error {
	data, err := encodeEntity(r, true)
	if err != nil {
		return fmt.Errorf("encode entity: %w", err)
	}
	_, err = t.secrets.AddEntity(ctx, data, nil)
	return domain(err)
}

// Get implements secret.Store.
func (t *Store) Get(ctx context.Context, id secret.ID) (*secret.Record, error) {
	res, err := t.secrets.GetEntity(ctx, store.RowPartition(id), id.String(), nil)
	if err != nil {
		return nil, domain(err)
	}
	return decodeEntity(res.Value, true)
}

// Peek implements secret.Store. It is a query of one row, since only queries
// take $select; and a query may answer an empty page and say where to go on.
func (t *Store) Peek(ctx context.Context, id secret.ID) (*secret.Record, error) {
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
// leaves it, a replace without it deletes it.
func (t *Store) Update(ctx context.Context, r *secret.Record) error {
	if r.Version == "" {
		return secret.ErrStale // without an etag the service would write whatever stands there
	}
	data, err := encodeEntity(r, false)
	if err != nil {
		return fmt.Errorf("encode entity: %w", err)
	}
	_, err = t.secrets.UpdateEntity(once(ctx), data, &aztables.UpdateEntityOptions{IfMatch: etag(r), UpdateMode: mode(r)})
	return domain(err)
}

func mode(r *secret.Record) aztables.UpdateMode {
	if r.Cleared {
		return aztables.UpdateModeReplace
	}
	return aztables.UpdateModeMerge
}

func etag(r *secret.Record) *azcore.ETag { return to.Ptr(azcore.ETag(r.Version)) }

// list answers one page of a query for rows without their sealed envelopes.
func (t *Store) list(ctx context.Context, filter, cursor string) (rows []*secret.Record, next string, err error) {
	entities, next, err := listPage(ctx, t.secrets, filter, "row", cursor)
	for _, data := range entities {
		r, err := decodeEntity(data, false)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, r)
	}
	return rows, next, err
}

// listPage answers one page of a query, which may be empty and not the last.
func listPage(ctx context.Context, c *aztables.Client, filter, columns, cursor string) (entities [][]byte, next string, err error) {
	o := &aztables.ListEntitiesOptions{Filter: &filter, Select: to.Ptr("PartitionKey,RowKey," + columns)}
	if partition, row, ok := strings.Cut(cursor, " "); ok {
		o.NextPartitionKey, o.NextRowKey = &partition, &row
	}
	res, err := c.NewListEntitiesPager(o).NextPage(ctx)
	if err != nil {
		return nil, "", domain(err)
	}
	return res.Entities, joinCursor(res.NextPartitionKey, res.NextRowKey), nil
}

func joinCursor(partition, row *string) string {
	if partition == nil || *partition == "" {
		return ""
	}
	if row == nil {
		row = new(string)
	}
	return *partition + " " + *row
}
