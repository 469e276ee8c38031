package store

import (
	"context"
	"errors"

	bolt "go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// maxGroup is how many writes share a transaction at the most.
const maxGroup = 512

// write is a change that waits for its transaction. do answers an error of the
// domain before it has written anything, so that it does not undo the others'.
type write struct {
	do   func(*bolt.Tx) error
	err  error
	done chan error // nil for a write that nobody waits for
}

// write carries a change out, with all that wait at the same time, and answers after the fsync.
func (e *Embedded) write(ctx context.Context, do func(*bolt.Tx) error) error {
	w := &write{do: do, done: make(chan error, 1)}
	select {
	case e.writes <- w:
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-w.done // it will be carried out; not waiting would only hide how it ended
}

// commit is the one writer. A mark whose transaction failed goes first into the
// next one, for no later write may become durable without it.
func (e *Embedded) commit() {
	defer close(e.closed)
	var owed []*write
	for first := range e.writes {
		group := e.gather(append(owed, first))
		owed = nil
		err := e.db.Update(func(tx *bolt.Tx) error {
			for _, w := range group {
				if w.err = w.do(tx); w.err != nil && !harmless(w.err) {
					return w.err
				}
			}
			return nil
		})
		for _, w := range group {
			switch {
			case w.done == nil && err != nil:
				owed = append(owed, w)
			case w.done != nil && err != nil:
				w.done <- err
			case w.done != nil:
				w.done <- w.err
			}
		}
	}
}

// gather takes all that waits, up to a limit.
func (e *Embedded) gather(group []*write) []*write {
	for len(group) < maxGroup {
		select {
		case w, ok := <-e.writes:
			if !ok {
				return group
			}
			group = append(group, w)
		default:
			return group
		}
	}
	return group
}

// harmless reports whether a change answered before it wrote anything.
func harmless(err error) bool {
	return errors.Is(err, secret.ErrExists) || errors.Is(err, secret.ErrStale) || errors.Is(err, secret.ErrNotFound) || errors.Is(err, secret.ErrFull)
}
