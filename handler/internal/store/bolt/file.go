package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// Errors of Open.
var (
	ErrLocked = errors.New("another process has the store open")
	// ErrDamaged means a file that is torn or empty, whose bytes have changed, or that
	// is no store. Later, a call that meets damage that Open did not read returns it.
	ErrDamaged = errors.New("damaged, or not a store of this program: restore it from a backup, or move it away to start with an empty store")
)

// opener is os.OpenFile, or that of owned.Modes.
type opener = func(path string, flag int, perm os.FileMode) (*os.File, error)

// inspect checks an existing file without writing to it, while no other process has
// it open: as a whole, or without most leaves, which takes about a hundredth of the time.
func inspect(path string, open opener, leaves bool) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%w: it is not a file", ErrDamaged)
	case info.Size() == 0:
		return fmt.Errorf("%w: it is empty", ErrDamaged)
	}
	file, err := open(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	db, err := lockFile(path, open)
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	case err == nil:
		defer func() { _ = db.Close() }()
	}
	return errors.Join(checkFile(file, info.Size(), leaves, ignore), openError(err))
}

// OpenReadOnly opens a file that exists for reading, checks all of it, and changes nothing. Writes to the
// store fail. Errors: as Open, and fs.ErrNotExist.
func OpenReadOnly(path string, modes owned.Modes) (*Store, error) {
	e := &Store{writes: make(chan *write, maxGroup), closed: make(chan struct{})}
	e.durable.Store(math.MaxInt64)
	err := inspect(path, modes.OpenFile, true)
	if err == nil {
		e.file, err = modes.OpenFile(path, os.O_RDONLY, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %s: %w", path, err)
	}
	if e.db, err = lockFile(path, modes.OpenFile); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %s: %w", path, openError(err)), e.file.Close())
	}
	go e.commit()
	return e, nil
}

// lockFile opens a file for reading. bbolt then reads the meta pages only, and keeps
// writers of other processes away.
func lockFile(path string, open opener) (db *bbolt.DB, err error) {
	return db, guard(func() error {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout, OpenFile: open})
		return err
	})
}

// checkFile checks the pages and the schema of a file of that size that nobody changes
// meanwhile. The other parameters are those of checkPages.
func checkFile(file io.ReaderAt, size int64, leaves bool, visit func(bucket string, key, value []byte) error) error {
	m, err := readMeta(file)
	if err != nil {
		return err
	}
	schema := ""
	_, err = checkPages(file, size, m, leaves, func(bucket string, key, value []byte) error {
		if bucket == string(metaBucket) && string(key) == string(schemaKey) {
			schema = string(value)
		}
		return visit(bucket, key, value)
	})
	if err != nil {
		return err
	}
	return checkVersion(schema)
}

func ignore(string, []byte, []byte) error { return nil }

// openError returns an error of bbolt's Open in the terms of this package.
func openError(err error) error {
	switch {
	case err == nil, errors.Is(err, os.ErrPermission), errors.Is(err, os.ErrNotExist), errors.Is(err, owned.ErrAccess), errors.Is(err, ErrDamaged):
		return err
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// guard calls do, which uses bbolt, and returns ErrDamaged when that panics or faults:
// bbolt trusts the bytes of the file, and a disk may fail to deliver them.
func guard(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	return do()
}

// checkSchema refuses a file whose schema this version does not know.
func checkSchema(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return ErrDamaged
	}
	return checkVersion(string(meta.Get(schemaKey)))
}

func checkVersion(schema string) error {
	version, err := strconv.Atoi(schema)
	switch {
	case err != nil:
		return fmt.Errorf("%w: it has no schema", ErrDamaged)
	case version > store.Schema:
		return store.ErrNewer
	}
	return nil
}

// prepare makes the buckets of a new file. It checks the schema again: another
// process may have written the file since inspect.
func prepare(tx *bbolt.Tx) error {
	if tx.Bucket(metaBucket) != nil {
		if err := checkSchema(tx); err != nil {
			return err
		}
	}
	for _, name := range allBuckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(metaBucket).Put(schemaKey, []byte(strconv.Itoa(store.Schema)))
}

// scrubStep is how many pages Scrub visits while nobody else may use the file.
const scrubStep = 1024

// Scrub overwrites deleted data with zeros: bbolt leaves the bytes of free pages
// in the file, and those of a failed transaction beyond its end. When Scrub has
// returned, the file contains nothing that was deleted before the call. It blocks
// readers and writers for short steps. While a backup is made it does nothing: it
// would wait for the backup, and keep all readers waiting.
func (e *Store) Scrub(ctx context.Context) error {
	if !e.copying.TryLock() {
		return nil
	}
	defer e.copying.Unlock()
	for first, done := 0, false; !done; first += scrubStep {
		err := ctx.Err()
		if err != nil {
			return err
		}
		err = guard(func() (err error) { done, err = e.scrub(first); return err })
		if err != nil {
			return fmt.Errorf("scrub store: %w", err)
		}
	}
	if err := e.file.Sync(); err != nil {
		return fmt.Errorf("scrub store: %w", err)
	}
	return nil
}

// scrub takes one step, from the page with the number first, and reports whether it
// was the last. Its transaction keeps writers out and lets bbolt free the pages
// that no reader needs any more. It is never committed: a free page stays free, so
// a crash between two steps leaves the file intact.
func (e *Store) scrub(first int) (done bool, err error) {
	e.readers.Lock()
	defer e.readers.Unlock()
	if e.broken.Load() {
		return false, ErrBroken
	}
	tx, err := e.db.Begin(true)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	info, err := e.file.Stat()
	if err != nil {
		return false, err
	}
	buffer := make([]byte, e.db.Info().PageSize)
	pages := int(info.Size()) / len(buffer)
	for n := first; n < min(first+scrubStep, pages); n++ {
		page, err := tx.Page(n) // nil beyond the last
		if err == nil && (page == nil || page.Type == "free") {
			err = e.wipe(buffer, int64(n)*int64(len(buffer)))
		}
		if err != nil {
			return false, err
		}
	}
	return first+scrubStep >= pages, nil
}

// wipe overwrites a page, unless it is all zeros. It uses page as its buffer.
func (e *Store) wipe(page []byte, offset int64) error {
	if _, err := e.file.ReadAt(page, offset); err != nil {
		return err
	}
	if !slices.ContainsFunc(page, func(b byte) bool { return b != 0 }) {
		return nil
	}
	clear(page)
	_, err := e.file.WriteAt(page, offset)
	return err
}
