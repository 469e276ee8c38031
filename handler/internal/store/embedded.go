package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// What opening an embedded store may answer. The file is left untouched.
var (
	ErrLocked  = errors.New("another process has the store open")
	ErrForeign = errors.New("not a store of this program, or a torn one")
	ErrNewer   = errors.New("the store was written by a newer version")
)

var (
	rowsBucket       = []byte("rows")   // slot ‖ shard ‖ id -> version ‖ row
	envelopesBucket  = []byte("sealed") // the same key -> u16 length ‖ wrapped key ‖ envelope
	marksBucket      = []byte("marks")  // minute ‖ id
	watermarksBucket = []byte("water")  // pass -> slot
	holdsBucket      = []byte("holds")  // partition/id -> hold
	metaBucket       = []byte("meta")   // schema -> version
	schemaKey        = []byte("schema")
	allBuckets       = [][]byte{rowsBucket, envelopesBucket, marksBucket, watermarksBucket, holdsBucket, metaBucket}
)

// Embedded keeps everything in one bbolt file, for a single process. Concurrent
// writes share a transaction, and every answer comes after its fsync. Safe for
// concurrent use.
type Embedded struct {
	db     *bolt.DB
	limit  int64
	writes chan *write
	closed chan struct{}

	readers sync.RWMutex // held to write by Scrub, which must be alone
}

// view reads from a consistent state.
func (e *Embedded) view(do func(*bolt.Tx) error) error {
	e.readers.RLock()
	defer e.readers.RUnlock()
	return e.db.View(do)
}

// OpenEmbedded opens or makes the file, mode 0600. Above limit bytes Insert
// answers secret.ErrFull. Errors: ErrLocked, ErrForeign, ErrNewer.
func OpenEmbedded(path string, limit int64) (*Embedded, error) {
	if err := inspect(path); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: 50 * time.Millisecond, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, fmt.Errorf("open store: %w", opening(err))
	}
	e := &Embedded{db: db, limit: limit, writes: make(chan *write, maxGroup), closed: make(chan struct{})}
	if err := db.Update(prepare); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), db.Close())
	}
	go e.commit()
	return e, nil
}

// inspect looks at an existing file without writing to it.
func inspect(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	db, err := bolt.Open(filepath.Clean(path), 0o600, &bolt.Options{ReadOnly: true, Timeout: 50 * time.Millisecond})
	if err != nil {
		return opening(err)
	}
	whole := func(tx *bolt.Tx) error {
		if tx.Size() > info.Size() {
			return ErrForeign
		}
		return known(tx)
	}
	return errors.Join(db.View(whole), db.Close())
}

func opening(err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	case errors.Is(err, os.ErrPermission):
		return err
	}
	return fmt.Errorf("%w: %w", ErrForeign, err)
}

// known refuses a file whose schema this version does not know.
func known(tx *bolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return ErrForeign
	}
	version, err := strconv.Atoi(string(meta.Get(schemaKey)))
	switch {
	case err != nil:
		return ErrForeign
	case version > Schema:
		return ErrNewer
	}
	return nil
}

func prepare(tx *bolt.Tx) error {
	for _, name := range allBuckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(metaBucket).Put(schemaKey, []byte(strconv.Itoa(Schema)))
}

// Close waits for the writes under way and closes the file.
func (e *Embedded) Close() error {
	close(e.writes)
	<-e.closed
	return e.db.Close()
}

// Ping reports whether the store can be read.
func (e *Embedded) Ping(context.Context) error { return e.view(known) }

// Size returns the file's size in bytes.
func (e *Embedded) Size() (size int64) {
	_ = e.view(func(tx *bolt.Tx) error { size = tx.Size(); return nil })
	return size
}

// rowKey sorts by slot, as the passes of purge want it.
func rowKey(id secret.ID) []byte { return id[:] }

// Insert implements secret.Store.
func (e *Embedded) Insert(ctx context.Context, r *secret.Record) error {
	data, err := encodeRow(r)
	if err != nil {
		return err
	}
	sealed := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(r.Sealed.Wrapped)+len(r.Sealed.Envelope)), uint16(len(r.Sealed.Wrapped))) // #nosec G115 -- a wrapped key
	sealed = append(append(sealed, r.Sealed.Wrapped...), r.Sealed.Envelope...)
	return e.write(ctx, func(tx *bolt.Tx) error {
		rows, key := tx.Bucket(rowsBucket), rowKey(r.ID)
		switch {
		case rows.Get(key) != nil:
			return secret.ErrExists
		case e.limit > 0 && tx.Size() > e.limit:
			return secret.ErrFull
		}
		return errors.Join(rows.Put(key, versioned(1, data)), tx.Bucket(envelopesBucket).Put(key, sealed))
	})
}

// Get implements secret.Store.
func (e *Embedded) Get(_ context.Context, id secret.ID) (r *secret.Record, err error) {
	err = e.view(func(tx *bolt.Tx) error {
		if r, err = peek(tx, id); err != nil || r.Cleared {
			return err
		}
		r.Sealed.Wrapped, r.Sealed.Envelope, err = splitSealed(tx.Bucket(envelopesBucket).Get(rowKey(id)))
		return err
	})
	return r, err
}

// Peek implements secret.Store.
func (e *Embedded) Peek(_ context.Context, id secret.ID) (r *secret.Record, err error) {
	err = e.view(func(tx *bolt.Tx) error { r, err = peek(tx, id); return err })
	return r, err
}

// Update implements secret.Store.
func (e *Embedded) Update(ctx context.Context, r *secret.Record) error {
	data, err := encodeRow(r)
	if err != nil {
		return err
	}
	return e.write(ctx, func(tx *bolt.Tx) error {
		version, err := current(tx, r)
		if err != nil {
			return err
		}
		return replace(tx, r, version+1, data)
	})
}

// replace writes the small part, and does away with the sealed one where it is to be cleared.
func replace(tx *bolt.Tx, r *secret.Record, version uint64, data []byte) error {
	if r.Cleared {
		if err := tx.Bucket(envelopesBucket).Delete(rowKey(r.ID)); err != nil {
			return err
		}
	}
	return tx.Bucket(rowsBucket).Put(rowKey(r.ID), versioned(version, data))
}

func peek(tx *bolt.Tx, id secret.ID) (*secret.Record, error) {
	value := tx.Bucket(rowsBucket).Get(rowKey(id))
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
	r.Version = strconv.FormatUint(binary.BigEndian.Uint64(value), 10)
	return r, nil
}

// current returns the row's version if it is still the record's.
func current(tx *bolt.Tx, r *secret.Record) (uint64, error) {
	value := tx.Bucket(rowsBucket).Get(rowKey(r.ID))
	if len(value) < 8 {
		return 0, secret.ErrNotFound
	}
	version := binary.BigEndian.Uint64(value)
	if strconv.FormatUint(version, 10) != r.Version {
		return 0, secret.ErrStale
	}
	return version, nil
}

func versioned(version uint64, data []byte) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(data)), version), data...)
}

func splitSealed(value []byte) (wrapped, envelope []byte, err error) {
	if len(value) < 2 || len(value) < 2+int(binary.BigEndian.Uint16(value)) {
		return nil, nil, errors.New("decode sealed envelope: too short")
	}
	n := 2 + int(binary.BigEndian.Uint16(value))
	value = append([]byte(nil), value...) // bbolt's own bytes last as long as the transaction
	return value[2:n:n], value[n:], nil
}

// PutHold writes a hold into a partition, or over the one that stands there.
func (e *Embedded) PutHold(ctx context.Context, partition string, h secret.Hold) error {
	data, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode hold: %w", err)
	}
	return e.write(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket(holdsBucket).Put([]byte(partition+"/"+h.ID), data)
	})
}

// DropHold removes a hold from a partition; one that is gone already is no error.
func (e *Embedded) DropHold(ctx context.Context, partition, id string) error {
	return e.write(ctx, func(tx *bolt.Tx) error { return tx.Bucket(holdsBucket).Delete([]byte(partition + "/" + id)) })
}
