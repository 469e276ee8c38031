package bolt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Copy is a copy of a store's file that is being made: of the given size in bytes,
// written by WriteTo, which may be called once.
type Copy struct {
	Size    int64
	WriteTo func(w io.Writer) error
}

// Backup calls write with a copy of the file, as one transaction left it and with
// zeros in place of everything that was deleted. Calls of other methods go on
// meanwhile. The space of what they delete cannot be used before write has returned,
// so write must not wait for long. It ends early when ctx is done.
func (e *Store) Backup(ctx context.Context, write func(Copy) error) error {
	e.copying.Lock()
	defer e.copying.Unlock()
	e.copied.Store(true)
	defer e.copied.Store(false)
	err := e.db.View(func(tx *bbolt.Tx) error {
		if !e.awaitFsync(tx.ID()) {
			return ErrBroken
		}
		return copyPages(ctx, tx, e.file, write)
	})
	if err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	return nil
}

// Backup does the same with the file of a store that no process has open, whoever owns
// it: an administrator may back up the files of the service's user. Errors: ErrLocked,
// ErrDamaged, store.ErrNewer.
func Backup(ctx context.Context, path string, write func(Copy) error) error {
	if err := backup(ctx, path, write); err != nil {
		return fmt.Errorf("back up store: %s: %w", path, err)
	}
	return nil
}

func backup(ctx context.Context, path string, write func(Copy) error) error {
	if err := inspect(path, os.OpenFile, false); err != nil {
		return err
	}
	db, err := lockFile(path, os.OpenFile)
	if err != nil {
		return openError(err)
	}
	file, err := os.Open(path) // #nosec G304 -- the operator's setting
	if err != nil {
		return errors.Join(err, db.Close())
	}
	err = db.View(func(tx *bbolt.Tx) error { return copyPages(ctx, tx, file, write) })
	return errors.Join(err, db.Close(), file.Close())
}

// copyPages checks all pages that a transaction sees, which do not change while it is
// open, and copies them. It writes zeros for the others.
func copyPages(ctx context.Context, tx *bbolt.Tx, file io.ReaderAt, write func(Copy) error) error {
	var head firstPage
	_, _ = tx.WriteTo(&head) // fails with errEnough, which bbolt does not wrap
	m, ok := parseMeta(head[pageHeader:])
	if !ok {
		return damaged(0, "is not a meta page")
	}
	used, err := checkPages(file, tx.Size(), m, true, ignore)
	if err != nil {
		return err
	}
	return write(Copy{tx.Size(), func(w io.Writer) error {
		_, err := tx.WriteTo(&usedPages{ctx: ctx, to: w, used: used, pageSize: m.pageSize})
		return cmp.Or(ctx.Err(), err) // bbolt does not wrap every error
	}})
}

// firstPage keeps the beginning of what is written: a meta page of the transaction.
type firstPage [pageHeader + metaSize]byte

var errEnough = errors.New("enough")

func (p *firstPage) Write(b []byte) (int, error) { return copy(p[:], b), errEnough }

// usedPages passes a file on, with zeros in the pages that are not in use.
type usedPages struct {
	ctx      context.Context //nolint:containedctx // of one call
	to       io.Writer
	used     pageSet
	pageSize int64
	offset   int64
	buffer   []byte
}

func (u *usedPages) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	u.buffer = append(u.buffer[:0], b...)
	for rest := u.buffer; len(rest) > 0; {
		page := u.offset / u.pageSize
		n := min(int64(len(rest)), (page+1)*u.pageSize-u.offset)
		if !u.used.has(uint64(page)) { // #nosec G115 -- not negative
			clear(rest[:n])
		}
		rest, u.offset = rest[n:], u.offset+n
	}
	return u.to.Write(u.buffer)
}

// Rows reads a store's file of that size without trusting it, and calls visit with
// every row, without its sealed envelope. It checks every page, and that every row
// has its id and every row that was not cleared its sealed envelope. It returns the id
// of the keyring that the store is used with, empty if there is none. Nobody may change
// the file meanwhile. Errors: ErrDamaged, store.ErrNewer, and those of visit.
func Rows(file io.ReaderAt, size int64, visit func(*secret.Record) error) (keyring string, err error) {
	c := &contents{ids: map[place]header.ID{}, sealed: map[place]bool{}, visit: visit}
	if err := checkFile(file, size, true, c.add); err != nil {
		return "", err
	}
	if len(c.ids) > 0 || len(c.sealed) > 0 {
		return "", fmt.Errorf("%w: %d ids have no row, and %d rows no envelope", ErrDamaged, len(c.ids), len(c.sealed))
	}
	return c.keyring, nil
}

// contents is what Rows has met. bbolt keeps buckets in the order of their names: the
// ids come before the rows, and the rows before the sealed envelopes.
type contents struct {
	ids    map[place]header.ID // whose row was not met yet
	sealed map[place]bool      // whose envelope was not met yet

	keyring string
	visit   func(*secret.Record) error
}

func (c *contents) add(bucket string, key, value []byte) error {
	var p place
	switch bucket {
	case string(metaBucket):
		if string(key) == string(keyringKey) {
			c.keyring = string(value)
		}
	case string(placesBucket):
		if len(key) != len(header.ID{}) || copy(p[:], value) != len(p) {
			return fmt.Errorf("%w: an id has no place", ErrDamaged)
		}
		c.ids[p] = header.ID(key)
	case string(rowsBucket):
		copy(p[:], key)
		r, err := decodeValue(value)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if id, ok := c.ids[p]; !ok || id != r.ID {
			return fmt.Errorf("%w: a row has no id", ErrDamaged)
		}
		delete(c.ids, p)
		if !r.Cleared {
			c.sealed[p] = true
		}
		return c.visit(r)
	case string(envelopesBucket):
		copy(p[:], key)
		delete(c.sealed, p)
	}
	return nil
}
