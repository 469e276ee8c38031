package secret

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// snapshot is a row and the active holds, as one call read them at the same time.
type snapshot struct {
	*Record
	now     time.Time
	holds   []hold.Hold
	holdErr error // from looking up the holds; it must not show to callers without proof
}

// load reads the row and the active holds in parallel. It fails with ErrNotFound
// both when there is no such row and when the caller's proof is not the row's.
func (s *Service) load(ctx context.Context, id header.ID, get func(context.Context, header.ID) (*Record, error), proven func(*Record) bool) (snapshot, error) {
	var v snapshot
	var err error
	parallel(
		func() { v.Record, err = get(ctx, id) },
		func() { v.holds, v.holdErr = s.store.ActiveHolds(ctx, id) },
	)
	v.now = s.now()
	switch {
	case errors.Is(err, ErrNotFound):
		return snapshot{}, ErrNotFound
	case err != nil:
		return snapshot{}, unavailable("get row", err)
	case !proven(v.Record):
		return snapshot{}, ErrNotFound
	}
	return v, nil
}

func hasAccess(access []byte) func(*Record) bool {
	return func(r *Record) bool { return r.Access.proves(access) }
}

func hasManage(manage []byte) func(*Record) bool {
	return func(r *Record) bool { return r.Manage.proves(manage) }
}

// held returns the latest end of the holds that do mode to the row.
func (v *snapshot) held(mode hold.Mode) (until time.Time, held bool) {
	return activeHold(v.holds, v.Record, mode, v.now)
}

// mayClear reports whether no hold preserves the row. It is false while that is not known.
func (v *snapshot) mayClear() bool {
	_, preserved := v.held(hold.Preserve)
	return v.holdErr == nil && !preserved
}

// update writes the row back. After any error the row may have changed, so the call
// must decide again.
func (s *Service) update(ctx context.Context, r *Record) error {
	if err := s.store.Update(ctx, r); err != nil {
		return errRetry
	}
	return nil
}

// errRetry makes retryOnConflict decide again: the row changed, or may have.
var errRetry = errors.New("the row has changed")

// retryOnConflict calls decide until it returns anything but errRetry. After
// attempts calls it fails with ErrUnavailable.
func retryOnConflict[T any](ctx context.Context, s *Service, decide func() (T, error)) (T, error) {
	for n := range attempts {
		if n > 0 {
			s.pause(ctx, n)
		}
		if v, err := decide(); !errors.Is(err, errRetry) {
			return v, err
		}
	}
	var none T
	return none, fmt.Errorf("%w: the row kept changing", ErrUnavailable)
}

// retryErrOnConflict is retryOnConflict for calls that return nothing but an error.
func retryErrOnConflict(ctx context.Context, s *Service, decide func() error) error {
	_, err := retryOnConflict(ctx, s, func() (struct{}, error) { return struct{}{}, decide() })
	return err
}

func unavailable(operation string, err error) error {
	return fmt.Errorf("%s: %w: %w", operation, ErrUnavailable, err)
}

// parallel runs both functions at the same time and returns when both have returned.
func parallel(f, g func()) {
	done := make(chan struct{})
	go func() { defer close(done); g() }()
	f()
	<-done
}

// publish sends the event of something that happened to the row.
func (s *Service) publish(verb string, r *Record, at time.Time) {
	s.publisher.Publish(Event{Type: "secretsharer.secret." + verb, Subject: r.ID.String()[:8], Time: at})
}
