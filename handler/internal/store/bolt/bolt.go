// Package bolt keeps secrets, holds, reminders and watermarks in one bbolt file,
// for a single process. It implements the ports of package secret and of the holds.
//
// One goroutine writes. Writes that wait at the same time share a transaction and
// its fsync, and a write returns after the fsync. A read returns nothing that has
// not been fsynced. An insert leaves room on the disk for all other writes, so
// that what is stored can be read, revoked and purged when the disk is full.
//
// A version is a number that never repeats, not even for an ID that was deleted
// and inserted again.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/durable"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// ErrBroken is returned when a write could not be confirmed on the disk. The
// content of the file is then uncertain: every later call fails until the store
// is opened again.
var ErrBroken = errors.New("the store failed on its disk and must be opened again")

var (
	placesBucket     = []byte("places") // id, which begins with the slot -> place
	rowsBucket       = []byte("rows")   // place -> u64 version ‖ row
	envelopesBucket  = []byte("sealed") // place ‖ u16 number -> a piece of the sealed envelope
	remindersBucket  = []byte("marks")  // u32 minute ‖ u64 number -> id
	watermarksBucket = []byte("water")  // pass -> u32 slot
	holdsBucket      = []byte("holds")  // partition/id -> hold
	metaBucket       = []byte("meta")   // schema -> version
	schemaKey        = []byte("schema")
	allBuckets       = [][]byte{placesBucket, rowsBucket, envelopesBucket, remindersBucket, watermarksBucket, holdsBucket, metaBucket}
)

// Store is a store in one file. Safe for concurrent use.
type Store struct {
	db    *bbolt.DB
	file  *os.File // the same file, for what bbolt does not do
	limit int64    // bytes

	reserved int64 // the file's space is claimed up to here; used by commit only

	writes  chan *write
	closed  chan struct{} // closed when commit has returned
	sending sync.RWMutex  // guards closing; held for reading while a write is queued
	closing bool

	current atomic.Pointer[chan struct{}] // closed when the latest transaction has ended
	durable atomic.Int64                  // ID of the latest transaction that was fsynced
	failing atomic.Bool                   // the latest group could not be written as one
	broken  atomic.Bool

	readers sync.RWMutex // held for writing by Scrub, which must run alone

	active, past atomic.Pointer[index] // the latest that were made of the holds
}

// Open opens or makes the file, mode 0600, in a directory that must exist. Insert
// returns secret.ErrFull while more than limit bytes are in use; 0 is no limit.
// Errors: ErrLocked, ErrForeign, store.ErrNewer, which leave the file untouched.
func Open(path string, limit int64) (*Store, error) {
	if err := inspect(path); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, fmt.Errorf("open store: %w", openError(err))
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0) // #nosec G304 -- the operator's setting
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), db.Close())
	}
	e := &Store{db: db, file: file, limit: limit, writes: make(chan *write, maxGroup), closed: make(chan struct{})}
	prepared := func(tx *bbolt.Tx) error { e.durable.Store(int64(tx.ID())); return prepare(tx) }
	// bbolt does not sync the directory of a new file.
	if err := errors.Join(db.Update(prepared), durable.SyncDir(filepath.Dir(path))); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), db.Close(), file.Close())
	}
	go e.commit()
	return e, nil
}

// lockTimeout makes a second process give up at its first try.
const lockTimeout = 50 * time.Millisecond

// Close waits for the writes that are queued and closes the file. Later calls of
// other methods return an error. It may be repeated.
func (e *Store) Close() error {
	e.sending.Lock()
	again := e.closing
	if !again {
		e.closing = true
		close(e.writes)
	}
	e.sending.Unlock()
	if <-e.closed; again {
		return nil
	}
	e.readers.Lock() // Scrub may be running
	defer e.readers.Unlock()
	return errors.Join(e.db.Close(), e.file.Close())
}

// view reads from a consistent state that has been fsynced. bbolt shows a
// transaction as soon as it is written: read before its fsync, a taken view could
// be served again after a power failure.
func (e *Store) view(ctx context.Context, do func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	seen, err := 0, error(nil)
	func() {
		e.readers.RLock()
		defer e.readers.RUnlock()
		err = e.db.View(func(tx *bbolt.Tx) error { seen = tx.ID(); return do(tx) })
	}()
	if !e.awaitFsync(seen) {
		return ErrBroken
	}
	return err
}

// awaitFsync waits for the fsync of a transaction and reports whether it succeeded.
func (e *Store) awaitFsync(id int) bool {
	for {
		current := e.current.Load()
		if e.broken.Load() || int64(id) <= e.durable.Load() {
			return !e.broken.Load()
		}
		<-*current
	}
}

// Ping reports whether the store can be read and written.
func (e *Store) Ping(ctx context.Context) error { return e.view(ctx, checkSchema) }

// Size returns the file's size in bytes, free pages included.
func (e *Store) Size() (size int64) {
	_ = e.view(context.Background(), func(tx *bbolt.Tx) error { size = tx.Size(); return nil })
	return size
}

var _ secret.Store = (*Store)(nil)
