package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strconv"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// place is the key of a row and of its sealed envelope: a number that grows with
// each insert. Rows that were inserted together are next to each other, so that a
// commit of many writes few pages; under its random ID each would take pages of
// its own.
type place [8]byte

// Insert implements secret.Store.
func (e *Store) Insert(ctx context.Context, r *secret.Record) error {
	data, err := store.EncodeRow(r)
	if err != nil {
		return err
	}
	id, key, sealed, small := r.ID, r.Sealed.Key, joinSealed(&r.Sealed), isSmall(r)
	size := len(data) + len(sealed)
	refused := func(tx *bbolt.Tx) error {
		if tx.Bucket(placesBucket).Get(id[:]) != nil {
			return secret.ErrExists
		}
		return e.hasRoom(tx, size, small)
	}
	if err := e.look(refused); err != nil { // without a transaction, which would use space itself
		return err
	}
	return e.write(ctx, size, func(tx *bbolt.Tx) error {
		if err := refused(tx); err != nil {
			return err
		}
		return errors.Join(useKey(tx, key), insert(tx, id, data, sealed))
	})
}

func insert(tx *bbolt.Tx, id header.ID, data, sealed []byte) error {
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
func (e *Store) Get(ctx context.Context, id header.ID) (*secret.Record, error) {
	return e.get(ctx, id, true)
}

// Peek implements secret.Store.
func (e *Store) Peek(ctx context.Context, id header.ID) (*secret.Record, error) {
	return e.get(ctx, id, false)
}

func (e *Store) get(ctx context.Context, id header.ID, sealed bool) (r *secret.Record, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		p, value, err := find(tx, id)
		if err != nil {
			return err
		}
		if r, err = decodeValue(value); err == nil && sealed && !r.Cleared {
			r.Sealed.Wrapped, r.Sealed.Envelope, err = getSealed(tx, p)
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
		p, err := findVersion(tx, id, version)
		if err != nil {
			return err
		}
		return replace(tx, p, cleared, data)
	})
}

// replace writes a row, and deletes the sealed envelope of a cleared one.
func replace(tx *bbolt.Tx, p place, cleared bool, data []byte) error {
	if cleared {
		if err := deleteSealed(tx, p); err != nil {
			return err
		}
	}
	return putRow(tx, p, data)
}

// putRow writes a row under a version that no row has ever had.
func putRow(tx *bbolt.Tx, p place, data []byte) error {
	rows := tx.Bucket(rowsBucket)
	version, err := rows.NextSequence()
	if err != nil {
		return err
	}
	return rows.Put(p[:], append(binary.BigEndian.AppendUint64(make([]byte, 0, versionSize+len(data)), version), data...))
}

// find returns the place and the value of an ID's row: secret.ErrNotFound.
func find(tx *bbolt.Tx, id header.ID) (p place, value []byte, err error) {
	at := tx.Bucket(placesBucket).Get(id[:])
	if len(at) != len(p) {
		return p, nil, secret.ErrNotFound
	}
	copy(p[:], at)
	return p, tx.Bucket(rowsBucket).Get(at), nil
}

// findVersion returns the place of a row that still has the version:
// secret.ErrStale, secret.ErrNotFound.
func findVersion(tx *bbolt.Tx, id header.ID, version string) (place, error) {
	p, value, err := find(tx, id)
	switch {
	case err != nil:
		return p, err
	case len(value) < versionSize || versionOf(value) != version:
		return p, secret.ErrStale
	}
	return p, nil
}

// versionSize is the length in bytes of the version before a row: u64.
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

// pieceSize is how many bytes of a sealed envelope one key holds. bbolt keeps up
// to four keys in a leaf, however large, and needs consecutive pages for a large
// leaf. Four pieces fit in one page of 4 KiB, so that a secret never moves its
// neighbours, and any free page will do, even when the disk is full.
const pieceSize = 960

// putSealed writes u16 length ‖ wrapped key ‖ envelope, in pieces.
func putSealed(tx *bbolt.Tx, p place, value []byte) error {
	bucket := tx.Bucket(envelopesBucket)
	bucket.FillPercent = 1 // pieces are appended in order and never rewritten
	for i := 0; len(value) > 0; i++ {
		n := min(len(value), pieceSize)
		if err := bucket.Put(pieceKey(p, i), value[:n]); err != nil {
			return err
		}
		value = value[n:]
	}
	return nil
}

func pieceKey(p place, i int) []byte {
	return binary.BigEndian.AppendUint16(append(make([]byte, 0, len(p)+2), p[:]...), uint16(i)) // #nosec G115 -- 62 MB
}

// getSealed returns copies of the wrapped key and the envelope.
func getSealed(tx *bbolt.Tx, p place) (wrapped, envelope []byte, err error) {
	var value []byte
	c := tx.Bucket(envelopesBucket).Cursor()
	for key, piece := c.Seek(p[:]); bytes.HasPrefix(key, p[:]); key, piece = c.Next() {
		if len(piece) > pieceSize {
			return nil, nil, ErrDamaged
		}
		value = append(value, piece...)
	}
	if len(value) < 2 || len(value) < 2+int(binary.BigEndian.Uint16(value)) {
		return nil, nil, errors.New("decode sealed envelope: too short")
	}
	n := 2 + int(binary.BigEndian.Uint16(value))
	return value[2:n:n], value[n:], nil
}

func deleteSealed(tx *bbolt.Tx, p place) error {
	bucket := tx.Bucket(envelopesBucket)
	for i := 0; bucket.Get(pieceKey(p, i)) != nil; i++ {
		if err := bucket.Delete(pieceKey(p, i)); err != nil {
			return err
		}
	}
	return nil
}

func joinSealed(s *secret.Sealed) []byte {
	b := make([]byte, 0, 2+len(s.Wrapped)+len(s.Envelope))
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.Wrapped))) // #nosec G115 -- a wrapped key has some hundred bytes
	return append(append(b, s.Wrapped...), s.Envelope...)
}
