package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// page is how many rows or marks one answer holds.
const page = 1000

// Expired implements secret.Expiries.
func (e *Embedded) Expired(_ context.Context, from, to secret.Slot, uncleared bool, cursor string) (rows []*secret.Record, next string, err error) {
	start := binary.BigEndian.AppendUint32(nil, uint32(from))
	if cursor != "" {
		if start, err = hex.DecodeString(cursor); err != nil {
			return nil, "", fmt.Errorf("decode cursor: %w", err)
		}
	}
	end := binary.BigEndian.AppendUint32(nil, uint32(to))
	err = e.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(rowsBucket).Cursor()
		for key, value := c.Seek(start); key != nil && bytes.Compare(key[:4], end) < 0; key, value = c.Next() {
			if len(rows) == page {
				next = hex.EncodeToString(key)
				return nil
			}
			r, err := decodeValue(value)
			if err != nil {
				return err
			}
			if !uncleared || !r.Cleared {
				rows = append(rows, r)
			}
		}
		return nil
	})
	return rows, next, err
}

// Clear implements secret.Expiries.
func (e *Embedded) Clear(ctx context.Context, rows []*secret.Record) (left []*secret.Record, err error) {
	return e.each(ctx, rows, func(tx *bolt.Tx, r *secret.Record, version uint64) error {
		cleared := *r
		cleared.Cleared = true
		data, err := encodeRow(&cleared)
		if err != nil {
			return err
		}
		return replace(tx, &cleared, version+1, data)
	})
}

// Delete implements secret.Expiries.
func (e *Embedded) Delete(ctx context.Context, rows []*secret.Record) (left []*secret.Record, err error) {
	return e.each(ctx, rows, func(tx *bolt.Tx, r *secret.Record, _ uint64) error {
		if err := tx.Bucket(envelopesBucket).Delete(rowKey(r.ID)); err != nil {
			return err
		}
		return tx.Bucket(rowsBucket).Delete(rowKey(r.ID))
	})
}

// each changes the rows that still have their versions, in one transaction.
func (e *Embedded) each(ctx context.Context, rows []*secret.Record, do func(*bolt.Tx, *secret.Record, uint64) error) (left []*secret.Record, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	err = e.write(ctx, func(tx *bolt.Tx) error {
		left = nil
		for _, r := range rows {
			version, err := current(tx, r)
			if err != nil {
				left = append(left, r)
				continue
			}
			if err := do(tx, r, version); err != nil {
				return err
			}
		}
		return nil
	})
	return left, err
}

// Mark implements secret.Work. It does not wait for the fsync: the mark stands
// in line before every write that is sent after it has returned.
func (e *Embedded) Mark(ctx context.Context, id secret.ID, t time.Time) error {
	key := append(binary.BigEndian.AppendUint32(nil, minuteOf(t)), id[:]...)
	w := &write{do: func(tx *bolt.Tx) error { return tx.Bucket(marksBucket).Put(key, []byte{1}) }}
	select {
	case e.writes <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Due implements secret.Work.
func (e *Embedded) Due(_ context.Context, t time.Time, cursor string) (marks []secret.Mark, next string, err error) {
	start, err := hex.DecodeString(cursor)
	if err != nil {
		return nil, "", fmt.Errorf("decode cursor: %w", err)
	}
	end := binary.BigEndian.AppendUint32(nil, minuteOf(t))
	err = e.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(marksBucket).Cursor()
		for key, _ := c.Seek(start); key != nil && bytes.Compare(key[:4], end) < 0; key, _ = c.Next() {
			if len(marks) == page {
				next = hex.EncodeToString(key)
				return nil
			}
			m := secret.Mark{Minute: time.Unix(60*int64(binary.BigEndian.Uint32(key)), 0).UTC()}
			copy(m.ID[:], key[4:])
			marks = append(marks, m)
		}
		return nil
	})
	return marks, next, err
}

// Unmark implements secret.Work.
func (e *Embedded) Unmark(ctx context.Context, marks []secret.Mark) error {
	if len(marks) == 0 {
		return nil
	}
	return e.write(ctx, func(tx *bolt.Tx) error {
		for _, m := range marks {
			if err := tx.Bucket(marksBucket).Delete(append(binary.BigEndian.AppendUint32(nil, minuteOf(m.Minute)), m.ID[:]...)); err != nil {
				return err
			}
		}
		return nil
	})
}

// minuteOf returns the minute in which t lies, counted from 1970.
func minuteOf(t time.Time) uint32 { return uint32(max(0, t.Unix()/60)) } // #nosec G115 -- good until the year 10136

// Watermark implements secret.Watermarks.
func (e *Embedded) Watermark(_ context.Context, pass string) (s secret.Slot, err error) {
	err = e.view(func(tx *bolt.Tx) error {
		if value := tx.Bucket(watermarksBucket).Get([]byte(pass)); len(value) == 4 {
			s = secret.Slot(binary.BigEndian.Uint32(value))
		}
		return nil
	})
	return s, err
}

// SetWatermark implements secret.Watermarks.
func (e *Embedded) SetWatermark(ctx context.Context, pass string, s secret.Slot) error {
	return e.write(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket(watermarksBucket).Put([]byte(pass), binary.BigEndian.AppendUint32(nil, uint32(s)))
	})
}

// Active implements secret.Holds.
func (e *Embedded) Active(_ context.Context, id secret.ID) ([]secret.Hold, error) {
	return e.holds(activePartition(id))
}

// Past implements secret.Holds.
func (e *Embedded) Past(context.Context) ([]secret.Hold, error) { return e.holds(PastHolds) }

func (e *Embedded) holds(partition string) (holds []secret.Hold, err error) {
	prefix := []byte(partition + "/")
	err = e.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(holdsBucket).Cursor()
		for key, value := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, value = c.Next() {
			var h secret.Hold
			if err := json.Unmarshal(value, &h); err != nil {
				return fmt.Errorf("decode hold: %w", err)
			}
			holds = append(holds, h)
		}
		return nil
	})
	return holds, err
}

// PastHolds is the partition of the holds that are over; the 16 of the active
// ones are ActiveHolds followed by the hex digit of a shard.
const (
	PastHolds   = "past"
	ActiveHolds = "active-"
)

func activePartition(id secret.ID) string { return fmt.Sprintf("%s%x", ActiveHolds, id.Shard()) }
