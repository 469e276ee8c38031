package store

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"

	bolt "go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Insert implements secret.Store.
func (e *Embedded) Insert(ctx context.Context, r *secret.Record) error {
	data, err := encodeRow(r)
	if err != nil {
		return err
	}
	sealed := joinSealed(&r.Sealed)
	return e.write(ctx, len(data)+len(sealed), func(tx *bolt.Tx) error {
		switch {
		case tx.Bucket(rowsBucket).Get(r.ID[:]) != nil:
			return secret.ErrExists
		case e.full(tx):
			return secret.ErrFull
		}
		return errors.Join(putRow(tx, r.ID, data), putSealed(tx, r.ID, sealed))
	})
}

// Get implements secret.Store.
func (e *Embedded) Get(ctx context.Context, id secret.ID) (r *secret.Record, err error) {
	err = e.view(ctx, func(tx *bolt.Tx) error {
		if r, err = peek(tx, id); err != nil || r.Cleared {
			return err
		}
		r.Sealed.Wrapped, r.Sealed.Envelope, err = getSealed(tx, id)
		return err
	})
	return r, err
}

// Peek implements secret.Store.
func (e *Embedded) Peek(ctx context.Context, id secret.ID) (r *secret.Record, err error) {
	err = e.view(ctx, func(tx *bolt.Tx) error { r, err = peek(tx, id); return err })
	return r, err
}

// Update implements secret.Store.
func (e *Embedded) Update(ctx context.Context, r *secret.Record) error {
	data, err := encodeRow(r)
	if err != nil {
		return err
	}
	id, cleared := r.ID, r.Cleared
	return e.write(ctx, 0, func(tx *bolt.Tx) error {
		if err := current(tx, r); err != nil {
			return err
		}
		return replace(tx, id, cleared, data)
	})
}

// replace writes the small part, and does away with the sealed one where it is to be cleared.
func replace(tx *bolt.Tx, id secret.ID, cleared bool, data []byte) error {
	if cleared {
		if err := deleteSealed(tx, id); err != nil {
			return err
		}
	}
	return putRow(tx, id, data)
}

// putRow writes a row under a version that no row ever had, also not one of this ID that was deleted.
func putRow(tx *bolt.Tx, id secret.ID, data []byte) error {
	rows := tx.Bucket(rowsBucket)
	version, err := rows.NextSequence()
	if err != nil {
		return err
	}
	return rows.Put(id[:], append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(data)), version), data...))
}

func peek(tx *bolt.Tx, id secret.ID) (*secret.Record, error) {
	value := tx.Bucket(rowsBucket).Get(id[:])
	if value == nil {
		return nil, secret.ErrNotFound
	}
	return decodeValue(value)
}

func decodeValue(value []byte) (*secret.Record, error) {
	if len(value) < 8 {
		return nil, errors.New("decode row: no version")
	}
	r, err := decodeRow(value[8:])
	if err != nil {
		return nil, err
	}
	r.Version = versionOf(value)
	return r, nil
}

func versionOf(value []byte) string { return strconv.FormatUint(binary.BigEndian.Uint64(value), 10) }

// current answers whether the row still has the record's version: ErrStale, ErrNotFound.
func current(tx *bolt.Tx, r *secret.Record) error {
	switch value := tx.Bucket(rowsBucket).Get(r.ID[:]); {
	case len(value) < 8:
		return secret.ErrNotFound
	case versionOf(value) != r.Version:
		return secret.ErrStale
	}
	return nil
}
