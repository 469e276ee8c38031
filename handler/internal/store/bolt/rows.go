package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// place is where a row and its sealed envelope stand: a number that grows with
// each insert. So rows that were made together stand together, and a commit that
// writes many of them writes few pages; keyed by the random id, each would cost
// pages of its own.
type place [8]byte

// Insert implements secret.Store.
func (e *Store) Insert(ctx context.Context, r *secret.Record) error {
	data, err := store.EncodeRow(r)
	if err != nil {
		return err
	}
	id, sealed := r.ID, joinSealed(&r.Sealed)
	return e.write(ctx, len(data)+len(sealed), func(tx *bbolt.Tx) error {
		switch {
		case tx.Bucket(placesBucket).Get(id[:]) != nil:
			return secret.ErrExists
		case e.full(tx):
			return secret.ErrFull
		}
		return insert(tx, id, data, sealed)
	})
}

func insert(tx *bbolt.Tx, id secret.ID, data, sealed []byte) error {
	places := tx.Bucket(placesBucket)
	n, err := places.NextSequence()
	if err != nil {
		return err
	}
	var p place
	binary.BigEndian.PutUint64(p[:], n)
	return errors.Join(places.Put(id[:], p[:]), putRow(tx, p, data), putSealed(tx, p, sealed))
}

// Get implements secret.Store.
func (e *Store) Get(ctx context.Context, id secret.ID) (r *secret.Record, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		p, value, err := find(tx, id)
		if err != nil {
			return err
		}
		if r, err = decodeValue(value); err != nil || r.Cleared {
			return err
		}
		r.Sealed.Wrapped, r.Sealed.Envelope, err = getSealed(tx, p)
		return err
	})
	return r, err
}

// Peek implements secret.Store.
func (e *Store) Peek(ctx context.Context, id secret.ID) (r *secret.Record, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		_, value, err := find(tx, id)
		if err == nil {
			r, err = decodeValue(value)
		}
		return err
	})
	return r, err
}

// Update implements secret.Store.
func (e *Store) Update(ctx context.Context, r *secret.Record) error {
	data, err := store.EncodeRow(r)
	if err != nil {
		return err
	}
	id, version, cleared := r.ID, r.Version, r.Cleared
	return e.write(ctx, 0, func(tx *bbolt.Tx) error {
		p, err := current(tx, id, version)
		if err != nil {
			return err
		}
		return replace(tx, p, cleared, data)
	})
}

// replace writes the small part, and does away with the sealed one where it is to be cleared.
func replace(tx *bbolt.Tx, p place, cleared bool, data []byte) error {
	if cleared {
		if err := deleteSealed(tx, p); err != nil {
			return err
		}
	}
	return putRow(tx, p, data)
}

// putRow writes a row under a version that no row ever had, also not one of this ID that was deleted.
func putRow(tx *bbolt.Tx, p place, data []byte) error {
	rows := tx.Bucket(rowsBucket)
	version, err := rows.NextSequence()
	if err != nil {
		return err
	}
	return rows.Put(p[:], append(binary.BigEndian.AppendUint64(make([]byte, 0, versionSize+len(data)), version), data...))
}

// find returns where an ID's row stands, and its value: secret.ErrNotFound.
func find(tx *bbolt.Tx, id secret.ID) (p place, value []byte, err error) {
	at := tx.Bucket(placesBucket).Get(id[:])
	if len(at) != len(p) {
		return p, nil, secret.ErrNotFound
	}
	copy(p[:], at)
	return p, tx.Bucket(rowsBucket).Get(at), nil
}

// versionSize is how many bytes stand before a row: u64 version.
const versionSize = 8

func decodeValue(value []byte) (*secret.Record, error) {
	if len(value) < versionSize {
		return nil, errors.New("decode row: no version")
	}
	r, err := store.DecodeRow(value[versionSize:])
	if err != nil {
		return nil, err
	}
	r.Version = versionOf(value)
	return r, nil
}

func versionOf(value []byte) string { return strconv.FormatUint(binary.BigEndian.Uint64(value), 10) }

// current returns the place of a row that still has the version: secret.ErrStale, secret.ErrNotFound.
func current(tx *bbolt.Tx, id secret.ID, version string) (place, error) {
	p, value, err := find(tx, id)
	switch {
	case err != nil:
		return p, err
	case len(value) < versionSize || versionOf(value) != version:
		return p, secret.ErrStale
	}
	return p, nil
}
