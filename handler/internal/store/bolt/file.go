package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// Errors of Open.
var (
	ErrLocked  = errors.New("another process has the store open")
	ErrForeign = errors.New("not a store of this program, or a torn one")
)

// inspect checks an existing file without writing to it. bbolt trusts what it
// reads, and panics or faults on a torn file.
func inspect(path string) (err error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrForeign, p)
		}
	}()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout, PreLoadFreelist: true})
	if err != nil {
		return openError(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.View(func(tx *bbolt.Tx) error {
		if tx.Size() > info.Size() {
			return ErrForeign
		}
		return checkSchema(tx)
	})
}

func openError(err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	case errors.Is(err, os.ErrPermission), errors.Is(err, os.ErrNotExist):
		return err
	}
	return fmt.Errorf("%w: %w", ErrForeign, err)
}

// checkSchema refuses a file whose schema this version does not know.
func checkSchema(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return ErrForeign
	}
	version, err := strconv.Atoi(string(meta.Get(schemaKey)))
	switch {
	case err != nil:
		return ErrForeign
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

// headroom is how many bytes inserts leave for all other writes, so that rows can
// still be read, acknowledged, revoked and purged when the disk is full.
const headroom = 1 << 20

// reserve makes sure that inserts of that many bytes find their space on the disk
// and leave the headroom: in free pages, or beyond the end, where it writes
// zeros. bbolt grows the file without claiming its space. Called by commit only.
func (e *Store) reserve(bytes int) error {
	var end int64
	if err := e.db.View(func(tx *bbolt.Tx) error { end = tx.Size(); return nil }); err != nil {
		return err
	}
	e.reserved = max(e.reserved, end)
	missing := int64(2*bytes+headroom) - e.free() - (e.reserved - end) // a page may be half empty
	if missing <= 0 {
		return nil
	}
	if _, err := e.file.WriteAt(make([]byte, missing+headroom), e.reserved); err != nil {
		return fmt.Errorf("%w: reserve space: %w", secret.ErrFull, err)
	}
	e.reserved += missing + headroom
	return nil
}

// free returns how many bytes of the file are in free pages.
func (e *Store) free() int64 {
	stats := e.db.Stats()
	return int64(stats.FreePageN+stats.PendingPageN) * int64(e.db.Info().PageSize)
}

// full reports whether an insert must be refused. Free pages do not count as
// used: the file never shrinks.
func (e *Store) full(tx *bbolt.Tx) bool {
	return e.limit > 0 && tx.Size() > e.limit && tx.Size()-e.free() > e.limit
}

// scrubStep is how many pages Scrub visits while nobody else may use the file.
const scrubStep = 1024

// Scrub overwrites deleted data with zeros: bbolt leaves the bytes of free pages
// in the file, and those of a failed transaction beyond its end. When Scrub has
// returned, the file contains nothing that was deleted before the call. It blocks
// readers and writers for short steps.
func (e *Store) Scrub(ctx context.Context) error {
	for first, done := 0, false; !done; first += scrubStep {
		err := ctx.Err()
		if err != nil {
			return err
		}
		if done, err = e.scrub(first); err != nil {
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
