package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

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
