package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// page is how many rows or reminders one call visits.
const page = 1000

// Expired implements secret.Store. A page ends after 1,000 visited rows, even if
// some of them are not returned: a long read would keep the writer from growing the
// file.
func (e *Store) Expired(ctx context.Context, from, to header.Slot, uncleared bool, cursor string) (rows []*secret.Record, next string, err error) {
	next, err = e.walk(ctx, placesBucket, uint32(from), uint32(to), cursor, func(tx *bbolt.Tx, _, place []byte) error {
		r, err := decodeValue(tx.Bucket(rowsBucket).Get(place))
		if err == nil && (!uncleared || !r.Cleared) {
			rows = append(rows, r)
		}
		return err
	})
	return rows, next, err
}

// walk visits a page of the keys that begin with a number n, from <= n < to, and
// returns the cursor of the next page, empty after the last.
func (e *Store) walk(ctx context.Context, bucket []byte, from, to uint32, cursor string, visit func(tx *bbolt.Tx, key, value []byte) error) (next string, err error) {
	start, end := binary.BigEndian.AppendUint32(nil, from), binary.BigEndian.AppendUint32(nil, to)
	if cursor != "" {
		if start, err = hex.DecodeString(cursor); err != nil {
			return "", fmt.Errorf("decode cursor: %w", err)
		}
	}
	return next, e.view(ctx, func(tx *bbolt.Tx) error {
		c, n := tx.Bucket(bucket).Cursor(), 0
		for key, value := c.Seek(start); key != nil && bytes.Compare(key[:4], end) < 0; key, value = c.Next() {
			if n++; n > page {
				next = hex.EncodeToString(key)
				return nil
			}
			if err := visit(tx, key, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// Clear implements secret.Store.
func (e *Store) Clear(ctx context.Context, rows []*secret.Record) (left []*secret.Record, err error) {
	return e.changeRows(ctx, rows, func(tx *bbolt.Tx, r *secret.Record, p place) error {
		data, err := store.EncodeRow(store.Cleared(r))
		if err != nil {
			return err
		}
		return replace(tx, p, true, data)
	})
}

// Delete implements secret.Store.
func (e *Store) Delete(ctx context.Context, rows []*secret.Record) (left []*secret.Record, err error) {
	return e.changeRows(ctx, rows, func(tx *bbolt.Tx, r *secret.Record, p place) error {
		return errors.Join(deleteSealed(tx, p), tx.Bucket(rowsBucket).Delete(p[:]), tx.Bucket(placesBucket).Delete(r.ID[:]))
	})
}

// changeRows changes the rows that still have their versions, in one transaction,
// and returns the others. When the disk is too full for that, it halves the
// transaction: each deletion makes room for the next.
func (e *Store) changeRows(ctx context.Context, rows []*secret.Record, do func(*bbolt.Tx, *secret.Record, place) error) (left []*secret.Record, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	err = e.write(ctx, 0, func(tx *bbolt.Tx) error {
		left = nil
		for _, r := range rows {
			p, err := findVersion(tx, r.ID, r.Version)
			if err != nil {
				left = append(left, r)
				continue
			}
			if err := do(tx, r, p); err != nil {
				return err
			}
		}
		return nil
	})
	if half := len(rows) / 2; half > 0 && errors.Is(err, secret.ErrFull) {
		left, err = e.changeRows(ctx, rows[:half], do)
		rest, restErr := e.changeRows(ctx, rows[half:], do)
		return append(left, rest...), errors.Join(err, restErr)
	}
	return left, err
}

// AddReminder implements secret.Store. It does not wait for the fsync: the
// reminder is queued before every write that is sent after AddReminder has
// returned. After a failed write it does wait, so that no more reminders are
// pending than fit in the queue.
func (e *Store) AddReminder(ctx context.Context, id header.ID, t time.Time) error {
	put := func(tx *bbolt.Tx) error { return putReminder(tx, id, t) }
	if e.failing.Load() {
		return e.write(ctx, 0, put)
	}
	return e.send(ctx, &write{do: put})
}

// putReminder appends a reminder to those of its minute. Under its random ID each
// reminder of a commit would take another page.
func putReminder(tx *bbolt.Tx, id header.ID, t time.Time) error {
	reminders := tx.Bucket(remindersBucket)
	n, err := reminders.NextSequence()
	if err != nil {
		return err
	}
	key := binary.BigEndian.AppendUint32(make([]byte, 0, 12), store.MinuteOf(t))
	return reminders.Put(binary.BigEndian.AppendUint64(key, n), id[:])
}

func decodeReminder(key, value []byte) secret.Reminder {
	r := secret.Reminder{Minute: store.MinuteStart(binary.BigEndian.Uint32(key))}
	copy(r.ID[:], value)
	return r
}

// DueReminders implements secret.Store.
func (e *Store) DueReminders(ctx context.Context, t time.Time, cursor string) (reminders []secret.Reminder, next string, err error) {
	seen := map[secret.Reminder]bool{}
	next, err = e.walk(ctx, remindersBucket, 0, store.MinuteOf(t), cursor, func(_ *bbolt.Tx, key, value []byte) error {
		if r := decodeReminder(key, value); !seen[r] {
			seen[r] = true
			reminders = append(reminders, r)
		}
		return nil
	})
	return reminders, next, err
}

// RemoveReminders implements secret.Store.
func (e *Store) RemoveReminders(ctx context.Context, reminders []secret.Reminder) error {
	if len(reminders) == 0 {
		return nil
	}
	remove, first, last := map[secret.Reminder]bool{}, ^uint32(0), uint32(0)
	for _, r := range reminders {
		remove[r] = true
		first, last = min(first, store.MinuteOf(r.Minute)), max(last, store.MinuteOf(r.Minute))
	}
	return e.write(ctx, 0, func(tx *bbolt.Tx) error { return removeReminders(tx, remove, first, last) })
}

// removeReminders removes reminders of the minutes first to last, with their duplicates.
func removeReminders(tx *bbolt.Tx, remove map[secret.Reminder]bool, first, last uint32) error {
	bucket := tx.Bucket(remindersBucket)
	var keys [][]byte
	c := bucket.Cursor()
	for key, value := c.Seek(binary.BigEndian.AppendUint32(nil, first)); key != nil && binary.BigEndian.Uint32(key) <= last; key, value = c.Next() {
		if remove[decodeReminder(key, value)] {
			keys = append(keys, key)
		}
	}
	for _, key := range keys { // after the walk: a cursor skips the key after one that it deletes
		if err := bucket.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// Watermark implements secret.Store.
func (e *Store) Watermark(ctx context.Context, pass string) (s header.Slot, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		if value := tx.Bucket(watermarksBucket).Get([]byte(pass)); len(value) == 4 {
			s = header.Slot(binary.BigEndian.Uint32(value))
		}
		return nil
	})
	return s, err
}

// SetWatermark implements secret.Store.
func (e *Store) SetWatermark(ctx context.Context, pass string, s header.Slot) error {
	return e.write(ctx, 0, func(tx *bbolt.Tx) error {
		return tx.Bucket(watermarksBucket).Put([]byte(pass), binary.BigEndian.AppendUint32(nil, uint32(s)))
	})
}
