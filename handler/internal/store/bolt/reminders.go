package bolt

import (
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// AddReminder implements secret.Store. It does not wait for the fsync: the mark stands
// in line before every write that is sent after it has returned. Where writes
// have just failed it does wait, so that no more marks are owed than stood in line.
func (e *Store) AddReminder(ctx context.Context, id secret.ID, t time.Time) error {
	put := func(tx *bbolt.Tx) error { return putMark(tx, id, t) }
	if e.failing.Load() {
		return e.write(ctx, 0, put)
	}
	return e.send(ctx, &write{do: put})
}

// putMark writes a mark behind those of its minute. Keyed by the random id, each
// mark of a commit would cost a page of its own.
func putMark(tx *bbolt.Tx, id secret.ID, t time.Time) error {
	marks := tx.Bucket(marksBucket)
	n, err := marks.NextSequence()
	if err != nil {
		return err
	}
	key := binary.BigEndian.AppendUint32(make([]byte, 0, 12), store.MinuteOf(t))
	return marks.Put(binary.BigEndian.AppendUint64(key, n), id[:])
}

func markOf(key, value []byte) secret.Reminder {
	m := secret.Reminder{Minute: store.MinuteStart(binary.BigEndian.Uint32(key))}
	copy(m.ID[:], value)
	return m
}

// DueReminders implements secret.Store.
func (e *Store) DueReminders(ctx context.Context, t time.Time, cursor string) (marks []secret.Reminder, next string, err error) {
	seen := map[secret.Reminder]bool{}
	next, err = e.walk(ctx, marksBucket, 0, store.MinuteOf(t), cursor, func(_ *bbolt.Tx, key, value []byte) error {
		if m := markOf(key, value); !seen[m] {
			seen[m] = true
			marks = append(marks, m)
		}
		return nil
	})
	return marks, next, err
}

// RemoveReminders implements secret.Store.
func (e *Store) RemoveReminders(ctx context.Context, marks []secret.Reminder) error {
	if len(marks) == 0 {
		return nil
	}
	gone, first, last := map[secret.Reminder]bool{}, marks[0].Minute, marks[0].Minute
	for _, m := range marks {
		gone[m] = true
		if m.Minute.Before(first) {
			first = m.Minute
		} else if m.Minute.After(last) {
			last = m.Minute
		}
	}
	return e.write(ctx, 0, func(tx *bbolt.Tx) error { return removeMarks(tx, gone, first, last) })
}

// removeMarks removes what is gone from the minutes first to last.
func removeMarks(tx *bbolt.Tx, gone map[secret.Reminder]bool, first, last time.Time) error {
	bucket := tx.Bucket(marksBucket)
	var keys [][]byte
	c := bucket.Cursor()
	for key, value := c.Seek(binary.BigEndian.AppendUint32(nil, store.MinuteOf(first))); key != nil; key, value = c.Next() {
		m := markOf(key, value)
		if m.Minute.After(last) {
			break
		}
		if gone[m] {
			keys = append(keys, key)
		}
	}
	for _, key := range keys { // a cursor skips what follows a key that it deletes
		if err := bucket.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// Watermark implements secret.Store.
func (e *Store) Watermark(ctx context.Context, pass string) (s secret.Slot, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		if value := tx.Bucket(watermarksBucket).Get([]byte(pass)); len(value) == 4 {
			s = secret.Slot(binary.BigEndian.Uint32(value))
		}
		return nil
	})
	return s, err
}

// SetWatermark implements secret.Store.
func (e *Store) SetWatermark(ctx context.Context, pass string, s secret.Slot) error {
	return e.write(ctx, 0, func(tx *bbolt.Tx) error {
		return tx.Bucket(watermarksBucket).Put([]byte(pass), binary.BigEndian.AppendUint32(nil, uint32(s)))
	})
}
