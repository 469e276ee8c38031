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
	maxGroup      = 512     // writes in a transaction
	maxGroupBytes = 8 << 20 // bytes of the inserts among them, beyond the first
)

// write is a change that waits for its transaction.
type write struct {
	// do makes the change. It returns an error of the ports before it has written
	// anything, so that it does not undo the other writes of the transaction.
	do   func(*bbolt.Tx) error
	size int // bytes, of an insert
	err  error
	done chan error // nil for a reminder, whose caller does not wait
}

// write makes a change, in one transaction with all that wait at the same time,
// and returns after the fsync. It does nothing when ctx ends before the transaction.
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
	return <-w.done // the outcome is soon known, whether ctx has ended or not
}

// send queues a write. Writes that are sent after it has returned are made in the
// same transaction or a later one.
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

// commit is the goroutine that writes.
func (e *Store) commit() {
	defer close(e.closed)
	var pending []*write
	for first := range e.writes {
		pending = e.commitGroup(pending, e.gather(first))
	}
	if len(pending) > 0 {
		_ = e.transact(pending) // no write that depends on these reminders was made
	}
}

// gather returns the writes that are queued, up to a limit.
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

// commitGroup commits a group in one transaction, together with the pending
// reminders. If that fails it commits the writes one by one, so that a write that
// cannot be made fails alone. A reminder whose caller does not wait is committed
// with the next write, which must not become durable without it. The reminders
// left at the end are returned. They stay few: AddReminder waits while writes fail.
func (e *Store) commitGroup(pending, group []*write) []*write {
	err := e.transact(slices.Concat(pending, group))
	e.failing.Store(err != nil)
	if err == nil {
		return nil
	}
	for _, w := range group {
		if w.done == nil {
			pending = append(pending, w)
			continue
		}
		if err := e.transact(append(slices.Clone(pending), w)); err != nil {
			w.done <- err
			continue
		}
		pending = nil
	}
	return pending
}

// transact makes writes in one transaction and sends each result to its caller. If
// it fails, it has made no write and sent no result.
func (e *Store) transact(writes []*write) error {
	ended := make(chan struct{})
	e.current.Store(&ended)
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
	update := func(tx *bbolt.Tx) error {
		id = tx.ID()
		for _, w := range writes {
			if w.err = w.do(tx); w.err != nil && !wroteNothing(w.err) {
				refused = w.err
				return refused
			}
		}
		return nil
	}
	err := guard(func() error { return e.db.Update(update) })
	switch {
	case err == nil:
		e.durable.Store(int64(id))
	case refused != nil:
		return refused
	case errors.Is(err, ErrDamaged): // bbolt has undone the transaction
		return err
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

// wroteNothing reports whether an error of write.do is one that it returns before
// it writes anything.
func wroteNothing(err error) bool {
	return slices.ContainsFunc([]error{
		secret.ErrExists, secret.ErrStale, secret.ErrNotFound, secret.ErrFull, context.Canceled, context.DeadlineExceeded,
	}, func(e error) bool { return errors.Is(err, e) })
}

// noSpace reports whether a commit failed for lack of space before it wrote its
// meta page, so that the file is as before. A failed fsync is not such a case: its
// error has no path. bbolt hides the error of the call that grows the file.
func noSpace(err error) bool {
	var pathErr *fs.PathError
	if strings.HasPrefix(err.Error(), "file resize error") {
		return true
	}
	return errors.As(err, &pathErr) &&
		(errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG))
}
