package secret_test

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// unanswered loses the answer to the first update, or the update itself.
type unanswered struct {
	*memory
	lands bool
	done  bool
}

func (u *unanswered) Update(ctx context.Context, r *secret.Record) error {
	if u.done {
		return u.memory.Update(ctx, r)
	}
	u.done = true
	if u.lands {
		_ = u.memory.Update(ctx, r)
	}
	return errDown
}

// failing makes the named operations fail.
func failing(names ...string) func(string) error { return failingWith(errDown, names...) }

func failingWith(err error, names ...string) func(string) error {
	return func(operation string) error {
		if slices.Contains(names, operation) {
			return err
		}
		return nil
	}
}

// first runs f before the first operation of a name.
func first(name string, f func() error) func(string) error {
	var done atomic.Bool
	return func(operation string) error {
		if operation == name && done.CompareAndSwap(false, true) {
			return f()
		}
		return nil
	}
}
