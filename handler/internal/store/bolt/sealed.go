package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// pieceSize is how many bytes of a sealed envelope one key holds. bbolt keeps up
// to four keys in a leaf, however large, and needs as many pages in a row for
// it. Four pieces fit into one page of 4 KiB, so that a secret never moves its
// neighbours, and any free page will do, also when the disk is full.
const pieceSize = 960

// putSealed writes u16 length ‖ wrapped key ‖ envelope, in pieces.
func putSealed(tx *bbolt.Tx, p place, value []byte) error {
	bucket := tx.Bucket(envelopesBucket)
	bucket.FillPercent = 1 // pieces come in order, and are never written again
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

// getSealed returns what putSealed has written, for the caller's own use.
func getSealed(tx *bbolt.Tx, p place) (wrapped, envelope []byte, err error) {
	var value []byte
	c := tx.Bucket(envelopesBucket).Cursor()
	for key, piece := c.Seek(p[:]); bytes.HasPrefix(key, p[:]); key, piece = c.Next() {
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
