package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// list answers one page of a query for rows without their sealed envelopes.
func (t *Table) list(ctx context.Context, filter, cursor string) (rows []*secret.Record, next string, err error) {
	pages := t.secrets.NewListEntitiesPager(query(filter, "row", cursor))
	res, err := pages.NextPage(ctx)
	if err != nil {
		return nil, "", domain(err)
	}
	for _, data := range res.Entities {
		r, err := decodeEntity(data, false)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, r)
	}
	return rows, joinCursor(res.NextPartitionKey, res.NextRowKey), nil
}

func query(filter, columns, cursor string) *aztables.ListEntitiesOptions {
	o := &aztables.ListEntitiesOptions{Filter: &filter, Select: to.Ptr("PartitionKey,RowKey," + columns)}
	if partition, row, ok := strings.Cut(cursor, " "); ok {
		o.NextPartitionKey, o.NextRowKey = &partition, &row
	}
	return o
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

// Expired implements secret.Expiries.
func (t *Table) Expired(ctx context.Context, from, to secret.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error) {
	if from >= to {
		return nil, "", nil
	}
	filter := fmt.Sprintf("PartitionKey ge '%s' and PartitionKey lt '%s'", slotPrefix(from), slotPrefix(to))
	if uncleared {
		filter += " and cleared eq false"
	}
	return t.list(ctx, filter, cursor)
}

// Clear implements secret.Expiries.
func (t *Table) Clear(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return t.each(ctx, rows, aztables.TransactionTypeUpdateReplace, func(r *secret.Record) error {
		cleared := *r
		cleared.Cleared = true
		return t.Update(ctx, &cleared)
	})
}

// Delete implements secret.Expiries.
func (t *Table) Delete(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return t.each(ctx, rows, aztables.TransactionTypeDelete, func(r *secret.Record) error {
		_, err := t.secrets.DeleteEntity(once(ctx), partition(r.ID), r.ID.String(), &aztables.DeleteEntityOptions{IfMatch: etag(r)})
		return domain(err)
	})
}

// each changes rows in transactions. One that the service refuses, because a
// row in it has changed, is carried out row by row.
func (t *Table) each(ctx context.Context, rows []*secret.Record, action aztables.TransactionType, one func(*secret.Record) error) (left []*secret.Record, err error) {
	for _, group := range groups(rows) {
		actions, err := transaction(group, action)
		if err != nil {
			return nil, err
		}
		if _, err = t.secrets.SubmitTransaction(once(ctx), actions, nil); err == nil {
			continue
		}
		for _, r := range group {
			switch err := one(r); {
			case errors.Is(err, secret.ErrStale), errors.Is(err, secret.ErrNotFound):
				left = append(left, r)
			case err != nil:
				return nil, err
			}
		}
	}
	return left, nil
}

func transaction(rows []*secret.Record, action aztables.TransactionType) ([]aztables.TransactionAction, error) {
	var actions []aztables.TransactionAction
	for _, r := range rows {
		cleared := *r
		cleared.Cleared = true
		data, err := encodeEntity(&cleared, false)
		if err != nil {
			return nil, fmt.Errorf("encode entity: %w", err)
		}
		actions = append(actions, aztables.TransactionAction{ActionType: action, Entity: data, IfMatch: etag(r)})
	}
	return actions, nil
}

// groups splits rows into what one transaction may hold: one partition, 100
// rows, 4 MiB. A small row is less than 40 KiB, so the rows' number rules.
func groups(rows []*secret.Record) [][]*secret.Record {
	var all [][]*secret.Record
	for start := 0; start < len(rows); {
		end := start + 1
		for end < len(rows) && end-start < maxOperations && partition(rows[end].ID) == partition(rows[start].ID) {
			end++
		}
		all = append(all, rows[start:end])
		start = end
	}
	return all
}

// Mark implements secret.Work.
func (t *Table) Mark(ctx context.Context, id secret.ID, at time.Time) error {
	return put(ctx, t.work, &entity{Partition: duePartition(minuteOf(at), id), Row: id.String()})
}

func duePartition(minute uint32, id secret.ID) string {
	return fmt.Sprintf("due-%08x-%x", minute, id.Shard())
}

// Due implements secret.Work.
func (t *Table) Due(ctx context.Context, at time.Time, cursor string) ([]secret.Mark, string, error) {
	filter := fmt.Sprintf("PartitionKey ge 'due-' and PartitionKey lt 'due-%08x'", minuteOf(at))
	res, err := t.work.NewListEntitiesPager(query(filter, "Timestamp", cursor)).NextPage(ctx)
	if err != nil {
		return nil, "", domain(err)
	}
	var marks []secret.Mark
	for _, data := range res.Entities {
		m, err := decodeMark(data)
		if err != nil {
			return nil, "", err
		}
		marks = append(marks, m)
	}
	return marks, joinCursor(res.NextPartitionKey, res.NextRowKey), nil
}

func decodeMark(data []byte) (m secret.Mark, err error) {
	var e entity
	if err := json.Unmarshal(data, &e); err != nil {
		return m, fmt.Errorf("decode mark: %w", err)
	}
	var minute int64
	if _, err := fmt.Sscanf(e.Partition, "due-%8x", &minute); err != nil {
		return m, fmt.Errorf("decode mark: %w", err)
	}
	m.Minute = time.Unix(60*minute, 0).UTC()
	m.ID, err = secret.ParseID(e.Row)
	return m, err
}

// Unmark implements secret.Work.
func (t *Table) Unmark(ctx context.Context, marks []secret.Mark) error {
	for start := 0; start < len(marks); {
		end := start
		var actions []aztables.TransactionAction
		where := duePartition(minuteOf(marks[start].Minute), marks[start].ID)
		for end < len(marks) && len(actions) < maxOperations && duePartition(minuteOf(marks[end].Minute), marks[end].ID) == where {
			data, err := json.Marshal(entity{Partition: where, Row: marks[end].ID.String()})
			if err != nil {
				return fmt.Errorf("encode mark: %w", err)
			}
			actions = append(actions, aztables.TransactionAction{ActionType: aztables.TransactionTypeDelete, Entity: data})
			end++
		}
		if err := t.unmark(ctx, marks[start:end], actions); err != nil {
			return err
		}
		start = end
	}
	return nil
}

// unmark removes marks of one partition; where one is gone already, one by one.
func (t *Table) unmark(ctx context.Context, marks []secret.Mark, actions []aztables.TransactionAction) error {
	if _, err := t.work.SubmitTransaction(ctx, actions, nil); err == nil {
		return nil
	}
	for _, m := range marks {
		err := drop(ctx, t.work, duePartition(minuteOf(m.Minute), m.ID), m.ID.String())
		if err != nil {
			return err
		}
	}
	return nil
}

// Watermark implements secret.Watermarks.
func (t *Table) Watermark(ctx context.Context, pass string) (secret.Slot, error) {
	var e entity
	err := get(ctx, t.work, "watermark", pass, &e)
	if errors.Is(err, secret.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	slot, err := strconv.ParseUint(e.Value, 10, 32)
	return secret.Slot(slot), err
}

// SetWatermark implements secret.Watermarks.
func (t *Table) SetWatermark(ctx context.Context, pass string, s secret.Slot) error {
	return put(ctx, t.work, &entity{Partition: "watermark", Row: pass, Value: strconv.FormatUint(uint64(s), 10)})
}

// Active implements secret.Holds.
func (t *Table) Active(ctx context.Context, id secret.ID) ([]secret.Hold, error) {
	return t.listHolds(ctx, activePartition(id))
}

// Past implements secret.Holds.
func (t *Table) Past(ctx context.Context) ([]secret.Hold, error) { return t.listHolds(ctx, PastHolds) }

func (t *Table) listHolds(ctx context.Context, partition string) (holds []secret.Hold, err error) {
	pages := t.holds.NewListEntitiesPager(query("PartitionKey eq '"+partition+"'", "value", ""))
	for pages.More() {
		res, err := pages.NextPage(ctx)
		if err != nil {
			return nil, domain(err)
		}
		for _, data := range res.Entities {
			var e entity
			var h secret.Hold
			if err := errors.Join(json.Unmarshal(data, &e), json.Unmarshal([]byte(e.Value), &h)); err != nil {
				return nil, fmt.Errorf("decode hold: %w", err)
			}
			holds = append(holds, h)
		}
	}
	return holds, nil
}

// PutHold writes a hold into a partition, or over the one that stands there.
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

func get(ctx context.Context, c *aztables.Client, partition, row string, e *entity) error {
	res, err := c.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return domain(err)
	}
	return json.Unmarshal(res.Value, e)
}

func put(ctx context.Context, c *aztables.Client, e *entity) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = c.UpsertEntity(ctx, data, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return domain(err)
}

func drop(ctx context.Context, c *aztables.Client, partition, row string) error {
	_, err := c.DeleteEntity(ctx, partition, row, nil)
	if err = domain(err); errors.Is(err, secret.ErrNotFound) {
		return nil
	}
	return err
}
