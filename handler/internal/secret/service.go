package secret

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// again lets decide decide anew for as long as it finds that the row has changed, or may have.
func again[T any](ctx context.Context, s *Service, decide func() (T, error)) (T, error) {
	for n := range attempts {
		if n > 0 {
			s.pause(ctx, n)
		}
		if v, err := decide(); !errors.Is(err, errAgain) {
			return v, err
		}
	}
	var none T
	return none, fmt.Errorf("%w: the row kept changing", ErrUnavailable)
}

// againError is again for what answers nothing but an error.
func againError(ctx context.Context, s *Service, decide func() error) error {
	_, err := again(ctx, s, func() (struct{}, error) { return struct{}{}, decide() })
	return err
}

// sight is a row as a call found it, and the holds that stood at the same time.
type sight struct {
	*Record
	now     time.Time
	holds   []hold.Hold
	holdErr error // the look-up failed; it matters only to who has proven that the row may be known
}

// look fetches the row and the active holds side by side, and answers
// ErrNotFound alike for a row that is not there and for a proof that is not its.
func (s *Service) look(ctx context.Context, id ID, get func(context.Context, ID) (*Record, error), proven func(*Record) bool) (sight, error) {
	var v sight
	var err error
	together(
		func() { v.Record, err = get(ctx, id) },
		func() { v.holds, v.holdErr = s.store.ActiveHolds(ctx, id) },
	)
	v.now = s.now()
	switch {
	case errors.Is(err, ErrNotFound):
		return sight{}, ErrNotFound
	case err != nil:
		return sight{}, unavailable("get row", err)
	case !proven(v.Record):
		return sight{}, ErrNotFound
	}
	return v, nil
}

// held returns the latest end of the holds that do mode to the row.
func (v *sight) held(mode hold.Mode) (until time.Time, is bool) {
	return held(v.holds, v.Record, mode, v.now)
}

// mayClear reports whether no hold preserves the row; not knowing counts as one.
func (v *sight) mayClear() bool {
	_, preserved := v.held(hold.Preserve)
	return v.holdErr == nil && !preserved
}

// update writes the row back. Where it was not written for certain, the call decides anew.
func (s *Service) update(ctx context.Context, r *Record) error {
	if err := s.store.Update(ctx, r); err != nil {
		return errAgain
	}
	return nil
}

func hasAccess(access []byte) func(*Record) bool {
	return func(r *Record) bool { return r.Access.proves(access) }
}

func hasManage(manage []byte) func(*Record) bool {
	return func(r *Record) bool { return r.Manage.proves(manage) }
}

func unavailable(operation string, err error) error {
	return fmt.Errorf("%s: %w: %w", operation, ErrUnavailable, err)
}

// together runs both side by side and returns when both have.
func together(f, g func()) {
	done := make(chan struct{})
	go func() { defer close(done); g() }()
	f()
	<-done
}

func (s *Service) publish(verb string, r *Record, at time.Time) {
	s.publisher.Publish(Event{Type: "secretsharer.secret." + verb, Subject: r.ID.String()[:8], Time: at})
}
