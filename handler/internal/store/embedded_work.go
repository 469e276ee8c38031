package store

import (
	"context"
	"encoding/binary"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// AddReminder implements secret.Reminders. It does not wait for the fsync: the mark stands
// in line before every write that is sent after it has returned. Where writes
// have just failed it does wait, so that no more marks are owed than stood in line.
func (e *Embedded) AddReminder(ctx context.Context, id secret.ID, t time.Time) error {
	put := func(tx *bolt.Tx) error { return putMark(tx, id, t) }
	if e.failing.Load() {
		return e.write(ctx, 0, put)
	}
	return e.send(ctx, &write{do: put})
}

// putMark writes a mark behind those of its minute. Keyed by the random id, each
// mark of a commit would cost a page of its own.
func putMark(tx *bolt.Tx, id secret.ID, t time.Time) error {
	marks := tx.Bucket(marksBucket)
	n, err := marks.NextSequence()
	if err != nil {
		return err
	}
	key := binary.BigEndian.AppendUint32(make([]byte, 0, 12), minuteOf(t))
	return marks.Put(binary.BigEndian.AppendUint64(key, n), id[:])
}

func markOf(key, value []byte) secret.Reminder {
	m := secret.Reminder{Minute: startOf(binary.BigEndian.Uint32(key))}
	copy(m.ID[:], value)
	return m
}

// minuteOf returns the minute in which t lies, counted from 1970.
func minuteOf(t time.Time) uint32 { return uint32(max(0, t.Unix()/60)) } // #nosec G115 -- good until the year 10136

func startOf(minute uint32) time.Time { return time.Unix(60*int64(minute), 0).UTC() }

// DueReminders implements secret.Reminders.
func (e *Embedded) DueReminders(ctx context.Context, t time.Time, cursor string) (marks []secret.Reminder, next string, err error) {
	seen := map[secret.Reminder]bool{}
	next, err = e.walk(ctx, marksBucket, 0, minuteOf(t), cursor, func(_ *bolt.Tx, key, value []byte) error {
		if m := markOf(key, value); !seen[m] {
			seen[m] = true
			marks = append(marks, m)
		}
		return nil
	})
	return marks, next, err
}

// RemoveReminders implements secret.Reminders.
func (e *Embedded) RemoveReminders(ctx context.Context, marks []secret.Reminder) error {
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
	return e.write(ctx, 0, func(tx *bolt.Tx) error { return removeMarks(tx, gone, first, last) })
}

// removeMarks removes what is gone from the minutes first to last.
func removeMarks(tx *bolt.Tx, gone map[secret.Reminder]bool, first, last time.Time) error {
	bucket := tx.Bucket(marksBucket)
	var keys [][]byte
	c := bucket.Cursor()
	for key, value := c.Seek(binary.BigEndian.AppendUint32(nil, minuteOf(first))); key != nil; key, value = c.Next() {
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

// Watermark implements secret.Watermarks.
func (e *Embedded) Watermark(ctx context.Context, pass string) (s secret.Slot, err error) {
	err = e.view(ctx, func(tx *bolt.Tx) error {
		if value := tx.Bucket(watermarksBucket).Get([]byte(pass)); len(value) == 4 {
			s = secret.Slot(binary.BigEndian.Uint32(value))
		}
		return nil
	})
	return s, err
}

// SetWatermark implements secret.Watermarks.
func (e *Embedded) SetWatermark(ctx context.Context, pass string, s secret.Slot) error {
	return e.write(ctx, 0, func(tx *bolt.Tx) error {
		return tx.Bucket(watermarksBucket).Put([]byte(pass), binary.BigEndian.AppendUint32(nil, uint32(s)))
	})
}
