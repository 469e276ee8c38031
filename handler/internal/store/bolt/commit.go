package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	maxGroup      = 512     // writes that share a transaction at the most
	maxGroupBytes = 8 << 20 // what inserts among them bring along, beyond the first
)

// write is a change that waits for its transaction. do answers an error of the
// domain before it has written anything, so that it does not undo the others'.
type write struct {
	do   func(*bbolt.Tx) error
	size int // bytes that an insert brings along
	err  error
	done chan error // nil for a mark that nobody waits for
}

// write carries a change out, with all that wait at the same time, and answers
// after the fsync. One whose ctx ends while it waits is not carried out.
func (e *Store) write(ctx context.Context, size int, do func(*bbolt.Tx) error) error {
	w := &write{size: size, done: make(chan error, 1)}
	w.do = func(tx *bbolt.Tx) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return do(tx)
	}
	if err := e.send(ctx, w); err != nil {
		return err
	}
	return <-w.done // not waiting would only hide how it ended
}

// send puts a write in line. Those sent after it has returned are carried out after it, or with it.
func (e *Store) send(ctx context.Context, w *write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.sending.RLock()
	defer e.sending.RUnlock()
	if e.closing {
		return os.ErrClosed
	}
	select {
	case e.writes <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commit is the one writer.
func (e *Store) commit() {
	defer close(e.closed)
	var owed []*write
	for first := range e.writes {
		owed = e.settle(owed, e.gather(first))
	}
	if len(owed) > 0 {
		_ = e.transact(owed) // no write that needs these marks was carried out
	}
}

// gather takes all that waits, up to a limit.
func (e *Store) gather(first *write) []*write {
	group, size := []*write{first}, first.size
	for len(group) < maxGroup && size < maxGroupBytes {
		select {
		case w, ok := <-e.writes:
			if !ok {
				return group
			}
			group, size = append(group, w), size+w.size
		default:
			return group
		}
	}
	return group
}

// settle carries a group out at once; where that fails one after the other, so
// that a write that cannot be done fails alone. A mark that nobody waits for
// goes with the write that follows: none may become durable without it. Those
// that are still owed at the end are returned; they stay few, since Mark waits while writes fail.
func (e *Store) settle(owed, group []*write) []*write {
	err := e.transact(slices.Concat(owed, group))
	e.failing.Store(err != nil)
	if err == nil {
		return nil
	}
	for _, w := range group {
		if w.done == nil {
			owed = append(owed, w)
			continue
		}
		if err := e.transact(append(slices.Clone(owed), w)); err != nil {
			w.done <- err
			continue
		}
		owed = nil
	}
	return owed
}

// transact carries writes out in one transaction and answers those that wait;
// if it fails, none is carried out or answered.
func (e *Store) transact(writes []*write) error {
	ended := make(chan struct{})
	e.underway.Store(&ended)
	defer close(ended)
	if e.broken.Load() {
		return ErrBroken
	}
	size := 0
	for _, w := range writes {
		size += w.size
	}
	if size > 0 {
		if err := e.reserve(size); err != nil {
			return err
		}
	}
	var refused error
	id := 0
	err := e.db.Update(func(tx *bbolt.Tx) error {
		id = tx.ID()
		for _, w := range writes {
			if w.err = w.do(tx); w.err != nil && !harmless(w.err) {
				refused = w.err
				return refused
			}
		}
		return nil
	})
	switch {
	case err == nil:
		e.durable.Store(int64(id))
	case refused != nil:
		return refused
	case noSpace(err):
		return fmt.Errorf("%w: %w", secret.ErrFull, err)
	default:
		e.broken.Store(true)
		return err
	}
	for _, w := range writes {
		if w.done != nil {
			w.done <- w.err
		}
	}
	return nil
}

// harmless reports whether a change answered before it wrote anything.
func harmless(err error) bool {
	return slices.ContainsFunc([]error{
		secret.ErrExists, secret.ErrStale, secret.ErrNotFound, secret.ErrFull, context.Canceled, context.DeadlineExceeded,
	}, func(e error) bool { return errors.Is(err, e) })
}

// noSpace reports whether a commit ended before it wrote the page that makes it
// count, for want of space. A failed fsync is no such case: it comes without a
// path. bbolt hides the error of the call that grows the file.
func noSpace(err error) bool {
	var writing *fs.PathError
	if strings.HasPrefix(err.Error(), "file resize error") {
		return true
	}
	return errors.As(err, &writing) &&
		(errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG))
}
