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
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/durable"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
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
	usedBucket       = []byte("keys")   // name/version -> key that a row was sealed under
	metaBucket       = []byte("meta")   // schema -> version, keyring -> id
	schemaKey        = []byte("schema")
	keyringKey       = []byte("keyring")
	allBuckets       = [][]byte{placesBucket, rowsBucket, envelopesBucket, remindersBucket, watermarksBucket, holdsBucket, usedBucket, metaBucket}
)

// Store is a store in one file. Safe for concurrent use.
type Store struct {
	db    *bbolt.DB
	file  *os.File // the same file, for what bbolt does not do
	limit int64    // bytes

	reserved atomic.Int64 // the file's space is claimed up to here; changed by commit only
	refused  atomic.Bool  // the disk refused space at the last try

	writes  chan *write
	closed  chan struct{} // closed when commit has returned
	sending sync.RWMutex  // guards closing; held for reading while a write is queued
	closing bool

	current atomic.Pointer[chan struct{}] // closed when the latest transaction has ended
	durable atomic.Int64                  // ID of the latest transaction that was fsynced
	failing atomic.Bool                   // the latest group could not be written as one
	broken  atomic.Bool

	readers sync.RWMutex // held for writing by a step of Scrub, which must run alone
	copying sync.Mutex   // held by Backup and by Scrub
	copied  atomic.Bool  // a backup is being made

	active, past atomic.Pointer[index] // the latest that were made of the holds
}

// Open opens or makes the file, mode 0600, in a directory that must exist. Insert
// returns secret.ErrFull when it would use more than limit bytes, or more than the
// disk has; 0 is no limit. The last tenth of that is for secrets of at most 16 KiB
// that live for at most 24 hours.
// Errors: ErrLocked, ErrDamaged, owned.ErrAccess, store.ErrNewer, which leave the file
// untouched.
func Open(path string, limit int64, modes owned.Modes) (*Store, error) {
	e, err := openStore(path, limit, modes)
	if err != nil {
		return nil, fmt.Errorf("open store: %s: %w", path, err)
	}
	go e.commit()
	return e, nil
}

func openStore(path string, limit int64, modes owned.Modes) (*Store, error) {
	err := inspect(path, modes.OpenFile, false)
	if errors.Is(err, os.ErrNotExist) {
		err = create(path, modes)
	}
	if err != nil {
		return nil, err
	}
	var db *bbolt.DB
	err = guard(func() error {
		db, err = bbolt.Open(path, 0o600, options(limit, modes))
		return err
	})
	if err != nil {
		return nil, openError(err)
	}
	e := &Store{db: db, limit: limit, writes: make(chan *write, maxGroup), closed: make(chan struct{})}
	prepared := func(tx *bbolt.Tx) error { e.durable.Store(int64(tx.ID())); return prepare(tx) }
	if e.file, err = modes.OpenFile(path, os.O_RDWR, 0); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := errors.Join(guard(func() error { return db.Update(prepared) }), removeTemporary(path)); err != nil {
		return nil, errors.Join(err, db.Close(), e.file.Close())
	}
	return e, nil
}

// options maps at once what the file may grow to: bbolt cannot map more while
// somebody reads, and a copy is a long read.
func options(limit int64, modes owned.Modes) *bbolt.Options {
	o := &bbolt.Options{Timeout: lockTimeout, OpenFile: modes.OpenFile, FreelistType: bbolt.FreelistMapType}
	if runtime.GOOS != "windows" { // there the file would have that size
		o.InitialMmapSize = int(min(limit+slack(limit), maxMap))
	}
	return o
}

// maxMap is how many bytes of addresses are set aside at most.
const maxMap = 1 << 40

// create makes a new store. A crash leaves no file under its name.
func create(path string, modes owned.Modes) error {
	err := durable.Create(path, func(f durable.File) error {
		db, err := bbolt.Open(f.Name(), 0o600, options(0, modes))
		if err != nil {
			return err
		}
		return errors.Join(db.Update(prepare), db.Close())
	})
	if errors.Is(err, os.ErrExist) {
		return nil // another process was faster
	}
	return err
}

// removeTemporary removes what a crash left of making the file.
func removeTemporary(path string) (err error) {
	left, _ := filepath.Glob(durable.Temporary(path)) // fails for a bad pattern only
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
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
	seen := 0
	err := e.look(func(tx *bbolt.Tx) error { seen = tx.ID(); return do(tx) })
	if !e.awaitFsync(seen) {
		return ErrBroken
	}
	return err
}

// look reads from a consistent state that may not have been fsynced yet.
func (e *Store) look(do func(*bbolt.Tx) error) error {
	e.readers.RLock()
	defer e.readers.RUnlock()
	return guard(func() error { return e.db.View(do) })
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

var _ secret.Store = (*Store)(nil)
