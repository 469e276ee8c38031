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

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// ErrBroken says that a write could not be confirmed on the disk. What the file
// holds is then uncertain, and nothing more is read or written until it is opened again.
var ErrBroken = errors.New("the store failed on its disk and must be opened again")

var (
	placesBucket     = []byte("places") // id, which begins with the slot -> place
	rowsBucket       = []byte("rows")   // place -> u64 version ‖ row
	envelopesBucket  = []byte("sealed") // place ‖ u16 number -> a piece of the sealed envelope
	marksBucket      = []byte("marks")  // u32 minute ‖ u64 number -> id
	watermarksBucket = []byte("water")  // pass -> u32 slot
	holdsBucket      = []byte("holds")  // partition/id -> hold
	metaBucket       = []byte("meta")   // schema -> version
	schemaKey        = []byte("schema")
	allBuckets       = [][]byte{placesBucket, rowsBucket, envelopesBucket, marksBucket, watermarksBucket, holdsBucket, metaBucket}
)

// Store keeps everything in one bbolt file, for a single process. Concurrent
// writes share a transaction, and every answer, also to who only reads, tells of
// nothing that has not been fsynced. Safe for concurrent use.
type Store struct {
	db    *bbolt.DB
	file  *os.File // the same file, for what bbolt does not do
	limit int64    // bytes

	reserved int64 // the file's space is claimed up to here; of commit alone

	writes  chan *write
	closed  chan struct{} // when commit has ended
	sending sync.RWMutex  // guards closing, held to read while something is put in line
	closing bool

	underway atomic.Pointer[chan struct{}] // closed when the transaction that began last has ended
	durable  atomic.Int64                  // the last transaction that was fsynced
	failing  atomic.Bool                   // the last group could not be written as one
	broken   atomic.Bool

	readers sync.RWMutex // held to write by Scrub, which must be alone

	standing [16]atomic.Pointer[standing] // the active holds of each shard, decoded
}

// Open opens or makes the file, mode 0600, in a directory that must be
// there. Where more than limit bytes are in use Insert answers secret.ErrFull;
// 0 is no limit. Errors: ErrLocked, ErrForeign, store.ErrNewer, which leave the file untouched.
func Open(path string, limit int64) (*Store, error) {
	if err := inspect(path); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, fmt.Errorf("open store: %w", opening(err))
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0) // #nosec G304 -- the operator's setting
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), db.Close())
	}
	e := &Store{db: db, file: file, limit: limit, writes: make(chan *write, maxGroup), closed: make(chan struct{})}
	prepared := func(tx *bbolt.Tx) error { e.durable.Store(int64(tx.ID())); return prepare(tx) }
	if err := errors.Join(db.Update(prepared), syncDir(filepath.Dir(path))); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), db.Close(), file.Close())
	}
	go e.commit()
	return e, nil
}

// lockTimeout makes a second process give up at its first try.
const lockTimeout = 50 * time.Millisecond

// syncDir makes the name of a new file last: bbolt syncs only what is in it.
func syncDir(path string) (err error) {
	dir, err := os.Open(path) // #nosec G304 -- the operator's setting
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Close waits for the writes that are in line and closes the file. Later calls
// answer an error. It may be repeated.
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
	e.readers.Lock() // Scrub may be at work
	defer e.readers.Unlock()
	return errors.Join(e.db.Close(), e.file.Close())
}

// view reads from a consistent state that has been fsynced. bbolt shows a
// transaction as soon as it is written: served from it before its fsync, a view
// could be served again after a power failure.
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
	if !e.fsynced(seen) {
		return ErrBroken
	}
	return err
}

// fsynced waits until a transaction is on the disk, and reports whether it got there.
func (e *Store) fsynced(id int) bool {
	for {
		underway := e.underway.Load()
		if e.broken.Load() || int64(id) <= e.durable.Load() {
			return !e.broken.Load()
		}
		<-*underway
	}
}

// Ping reports whether the store can be read and written.
func (e *Store) Ping(ctx context.Context) error { return e.view(ctx, known) }

// Size returns the file's size in bytes, its free pages included.
func (e *Store) Size() (size int64) {
	_ = e.view(context.Background(), func(tx *bbolt.Tx) error { size = tx.Size(); return nil })
	return size
}

var _ secret.Store = (*Store)(nil)
