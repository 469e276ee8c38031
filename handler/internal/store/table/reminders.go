package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// AddReminder implements secret.Store.
func (t *Store) AddReminder(ctx context.Context, id header.ID, at time.Time) error {
	return put(ctx, t.work, &entity{Partition: store.ReminderPartition(at, id), Row: id.String()})
}

// DueReminders implements secret.Store.
func (t *Store) DueReminders(ctx context.Context, at time.Time, cursor string) (reminders []secret.Reminder, next string, err error) {
	filter := fmt.Sprintf("PartitionKey ge '%s' and PartitionKey lt '%s'", store.FirstReminders, store.ReminderPartitions(at))
	entities, next, err := listPage(withLargeTimeout(ctx), t.work, filter, "Timestamp", cursor, maxPage)
	for _, data := range entities {
		r, err := decodeReminder(data)
		if err != nil {
			return nil, "", fmt.Errorf("decode reminder: %w", err)
		}
		reminders = append(reminders, r)
	}
	return reminders, next, err
}

func decodeReminder(data []byte) (r secret.Reminder, err error) {
	var e entity
	if err := json.Unmarshal(data, &e); err != nil {
		return r, err
	}
	if r.Minute, err = store.ReminderMinute(e.Partition); err != nil {
		return r, err
	}
	r.ID, err = header.ParseID(e.Row)
	return r, err
}

// RemoveReminders implements secret.Store.
func (t *Store) RemoveReminders(ctx context.Context, reminders []secret.Reminder) error {
	operations := make([]operation, 0, len(reminders))
	for _, r := range reminders {
		e := entity{Partition: store.ReminderPartition(r.Minute, r.ID), Row: r.ID.String()}
		data, err := e.encode()
		if err != nil {
			return fmt.Errorf("encode reminder: %w", err)
		}
		operations = append(operations, operation{
			partition: e.Partition,
			action:    aztables.TransactionAction{ActionType: aztables.TransactionTypeDelete, Entity: data},
		})
	}
	return transact(ctx, t.work, operations)
}

// Watermark implements secret.Store.
func (t *Store) Watermark(ctx context.Context, pass string) (header.Slot, error) {
	e, err := get(ctx, t.work, store.WatermarkPartition, pass)
	if errors.Is(err, secret.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	slot, err := strconv.ParseUint(e.Value, 10, 32)
	return header.Slot(slot), err
}

// SetWatermark implements secret.Store.
func (t *Store) SetWatermark(ctx context.Context, pass string, s header.Slot) error {
	return put(ctx, t.work, &entity{Partition: store.WatermarkPartition, Row: pass, Value: strconv.FormatUint(uint64(s), 10)})
}
