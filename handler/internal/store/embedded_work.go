package store

import (
	"context"
	"encoding/binary"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Mark implements secret.Work. It does not wait for the fsync: the mark stands
// in line before every write that is sent after it has returned. Where writes
// have just failed it does wait, so that no more marks are owed than stood in line.
func (e *Embedded) Mark(ctx context.Context, id secret.ID, t time.Time) error {
	key := markKey(t, id)
	put := func(tx *bolt.Tx) error { return tx.Bucket(marksBucket).Put(key, []byte{1}) }
	if e.failing.Load() {
		return e.write(ctx, 0, put)
	}
	return e.send(ctx, &write{do: put})
}

func markKey(t time.Time, id secret.ID) []byte {
	return append(binary.BigEndian.AppendUint32(nil, minuteOf(t)), id[:]...)
}

// minuteOf returns the minute in which t lies, counted from 1970.
func minuteOf(t time.Time) uint32 { return uint32(max(0, t.Unix()/60)) } // #nosec G115 -- good until the year 10136

func startOf(minute uint32) time.Time { return time.Unix(60*int64(minute), 0).UTC() }

// Due implements secret.Work.
func (e *Embedded) Due(ctx context.Context, t time.Time, cursor string) (marks []secret.Mark, next string, err error) {
	next, err = e.walk(ctx, marksBucket, 0, minuteOf(t), cursor, func(key, _ []byte) error {
		m := secret.Mark{Minute: startOf(binary.BigEndian.Uint32(key))}
		copy(m.ID[:], key[4:])
		marks = append(marks, m)
		return nil
	})
	return marks, next, err
}

// Unmark implements secret.Work.
func (e *Embedded) Unmark(ctx context.Context, marks []secret.Mark) error {
	if len(marks) == 0 {
		return nil
	}
	return e.write(ctx, 0, func(tx *bolt.Tx) error {
		for _, m := range marks {
			if err := tx.Bucket(marksBucket).Delete(markKey(m.Minute, m.ID)); err != nil {
				return err
			}
		}
		return nil
	})
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
