package secret

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// snapshot is a row without its envelope, and the time at which a call read it.
type snapshot struct {
	*Record
	now time.Time
}

// load reads the row. It fails with ErrNotFound both when there is no such row and
// when the caller's proof is not the row's. No call does more for a caller than this
// before it has proved something.
func (s *Service) load(ctx context.Context, id header.ID, proven func(*Record) bool) (snapshot, error) {
	r, err := s.store.Peek(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return snapshot{}, ErrNotFound
	case err != nil:
		return snapshot{}, unavailable("get row", err)
	case !proven(r):
		return snapshot{}, ErrNotFound
	}
	return snapshot{r, s.now()}, nil
}

func hasAccess(access []byte) func(*Record) bool {
	return func(r *Record) bool { return r.Access.proves(access) }
}

func hasManage(manage []byte) func(*Record) bool {
	return func(r *Record) bool { return r.Manage.proves(manage) }
}

// held looks the active holds up. It returns the latest end of those that do mode to
// the row, or ErrUnavailable.
func (s *Service) held(ctx context.Context, v *snapshot, mode hold.Mode) (until time.Time, held bool, err error) {
	holds, err := s.store.ActiveHolds(ctx, v.ID)
	if err != nil {
		return time.Time{}, false, unavailable("look up holds", err)
	}
	until, held = activeHold(holds, v.Record, mode, v.now)
	return until, held, nil
}

// mayClear reports whether no hold preserves the row. It is false while that is not known.
func (s *Service) mayClear(ctx context.Context, v *snapshot) bool {
	_, preserved, err := s.held(ctx, v, hold.Preserve)
	return err == nil && !preserved
}

// update writes the row back. After any error the row may have changed, so the call
// must decide again.
func (s *Service) update(ctx context.Context, r *Record) error {
	switch err := s.store.Update(ctx, r); {
	case err == nil:
		return nil
	case errors.Is(err, ErrStale):
		return errConflict
	}
	return errRetry
}

// errRetry makes retryOnConflict decide again: the row changed, or may have.
// errConflict is an errRetry of which it is known that another write went first.
var (
	errRetry    = errors.New("the row may have changed")
	errConflict = fmt.Errorf("another write went first: %w", errRetry)
)

// retryOnConflict calls decide until it returns anything but errRetry. It fails with
// ErrUnavailable after so many attempts, or so many conflicts.
func retryOnConflict[T any](ctx context.Context, s *Service, decide func() (T, error)) (T, error) {
	for attempt, conflict := 1, 1; ; {
		v, err := decide()
		switch {
		case !errors.Is(err, errRetry):
			return v, err
		case errors.Is(err, errConflict):
			conflict++
		default:
			attempt++
		}
		if attempt > attempts || conflict > conflicts {
			return v, fmt.Errorf("%w: the row kept changing", ErrUnavailable)
		}
		s.pause(ctx, min(attempt+conflict-2, attempts-1))
	}
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
