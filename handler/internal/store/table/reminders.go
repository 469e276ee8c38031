package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// AddReminder implements secret.Reminders.
func (t *Store) AddReminder(ctx context.Context, id secret.ID, at time.Time) error {
	return put(ctx, t.work, &entity{Partition: store.ReminderPartition(at, id), Row: id.String()})
}

// DueReminders implements secret.Reminders.
func (t *Store) DueReminders(ctx context.Context, at time.Time, cursor string) (marks []secret.Reminder, next string, err error) {
	filter := fmt.Sprintf("PartitionKey ge '%s' and PartitionKey lt '%s'", store.FirstReminders, store.ReminderPartitions(at))
	entities, next, err := listPage(patient(ctx), t.work, filter, "Timestamp", cursor)
	for _, data := range entities {
		m, err := decodeMark(data)
		if err != nil {
			return nil, "", fmt.Errorf("decode mark: %w", err)
		}
		marks = append(marks, m)
	}
	return marks, next, err
}

func decodeMark(data []byte) (m secret.Reminder, err error) {
	var e entity
	if err := json.Unmarshal(data, &e); err != nil {
		return m, err
	}
	if m.Minute, err = store.ReminderMinute(e.Partition); err != nil {
		return m, err
	}
	m.ID, err = secret.ParseID(e.Row)
	return m, err
}

// RemoveReminders implements secret.Reminders.
func (t *Store) RemoveReminders(ctx context.Context, marks []secret.Reminder) error {
	operations := make([]operation, 0, len(marks))
	for _, m := range marks {
		e := entity{Partition: store.ReminderPartition(m.Minute, m.ID), Row: m.ID.String()}
		data, err := e.encode()
		if err != nil {
			return fmt.Errorf("encode mark: %w", err)
		}
		operations = append(operations, operation{
			partition: e.Partition,
			action:    aztables.TransactionAction{ActionType: aztables.TransactionTypeDelete, Entity: data},
			refused:   func() {}, // gone already
		})
	}
	return transact(ctx, t.work, operations)
}

// Watermark implements secret.Watermarks.
func (t *Store) Watermark(ctx context.Context, pass string) (secret.Slot, error) {
	var e entity
	err := get(ctx, t.work, store.WatermarkPartition, pass, &e)
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
func (t *Store) SetWatermark(ctx context.Context, pass string, s secret.Slot) error {
	return put(ctx, t.work, &entity{Partition: store.WatermarkPartition, Row: pass, Value: strconv.FormatUint(uint64(s), 10)})
}

func get(ctx context.Context, c *aztables.Client, partition, row string, e *entity) error {
	if err := checkKeys(partition, row); err != nil {
		return err
	}
	res, err := c.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return domain(err)
	}
	return json.Unmarshal(res.Value, e)
}

func put(ctx context.Context, c *aztables.Client, e *entity) error {
	data, err := e.encode()
	if err != nil {
		return err
	}
	_, err = c.UpsertEntity(ctx, data, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return domain(err)
}

func drop(ctx context.Context, c *aztables.Client, partition, row string) error {
	if err := checkKeys(partition, row); err != nil {
		return err
	}
	_, err := c.DeleteEntity(ctx, partition, row, nil)
	if err = domain(err); errors.Is(err, secret.ErrNotFound) {
		return nil
	}
	return err
}
