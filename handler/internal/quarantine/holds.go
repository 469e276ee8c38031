package quarantine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// place places the hold unless it is placed or archived already. It first calls
// check with the placed or archived hold, or nil, and fails with its error. Three
// round trips: look up, write, look up again. The second look-up finds a release
// that came in between, whose removals the writes may have undone.
func (s *Service) place(ctx context.Context, h hold.Hold, check func(placed *hold.Hold) error) (Outcome, error) {
	past, placed, err := s.lookUp(ctx, h.ID, s.Store.Placed)
	if err != nil {
		return Outcome{}, err
	}
	if past != nil {
		placed = past
	}
	if err := check(placed); err != nil {
		return Outcome{}, err
	}
	if past != nil {
		return s.publish(ctx, past, pastEvent(past)), nil
	}
	isNew := placed == nil
	if placed != nil {
		h = *placed
	}
	first, err := s.Store.Place(ctx, h)
	if err != nil {
		return Outcome{}, unavailable("place hold", err)
	}
	past, placed, err = s.lookUp(ctx, h.ID, s.Store.Placed)
	switch {
	case err != nil:
		return Outcome{}, err
	case past != nil:
		return s.remove(ctx, past)
	case placed != nil: // another call may have been first
		h = *placed
	}
	o := s.publish(ctx, &h, event(eventCreated, &h, h.CreatedAt))
	o.New = isNew && first
	return o, nil
}

// Release releases a hold. An archived one stays as it is, with the reason of
// its first release, and copies of it that were left behind are removed. Errors:
// *secret.InvalidError, secret.ErrNotFound, secret.ErrUnavailable; after the last
// one the hold may be released in part, and a repeated call completes that.
func (s *Service) Release(ctx context.Context, id, reason string) (Outcome, error) {
	if err := checkLine("reason", reason, maxReason); err != nil {
		return Outcome{}, err
	}
	if !holdIDForm.MatchString(id) {
		return Outcome{}, secret.ErrNotFound
	}
	past, h, err := s.lookUp(ctx, id, s.Store.Find)
	switch {
	case err != nil:
		return Outcome{}, err
	case past != nil:
		return s.remove(ctx, past)
	case h == nil:
		return Outcome{}, secret.ErrNotFound
	}
	if now := s.now(); now.Before(h.Until) { // otherwise it has expired
		h.ReleasedAt, h.ReleaseReason = now, reason
	}
	if past, _, err = s.archive(ctx, h); err != nil {
		return Outcome{}, err
	}
	return s.remove(ctx, past)
}

// lookUp returns the archived hold with the ID, and the active one that find
// returns, each nil when there is none. One round trip.
func (s *Service) lookUp(ctx context.Context, id string, find func(context.Context, string) (*hold.Hold, error)) (past, active *hold.Hold, err error) {
	var group errgroup.Group
	group.Go(func() (err error) { past, err = s.Store.Archived(ctx, id); return err })
	group.Go(func() (err error) { active, err = find(ctx, id); return err })
	if err := group.Wait(); err != nil {
		return nil, nil, unavailable("look up hold", err)
	}
	return past, active, nil
}

// archive archives a hold, before its copies are removed. It returns the archived
// hold, which may be another call's, and whether this call has archived it.
func (s *Service) archive(ctx context.Context, h *hold.Hold) (past *hold.Hold, first bool, err error) {
	err = s.Store.Archive(ctx, *h)
	switch {
	case err == nil:
		return h, true, nil
	case !errors.Is(err, secret.ErrExists):
		return nil, false, unavailable("archive hold", err)
	}
	// Another call was first, or an earlier attempt of this one.
	if past, err = s.Store.Archived(ctx, h.ID); err != nil {
		return nil, false, unavailable("look up hold", err)
	}
	if past == nil {
		past = h
	}
	return past, false, nil
}

// remove removes the copies of an archived hold and publishes its event.
func (s *Service) remove(ctx context.Context, past *hold.Hold) (Outcome, error) {
	if err := s.Store.Remove(ctx, past.ID); err != nil {
		return Outcome{}, unavailable("remove hold", err)
	}
	return s.publish(ctx, past, pastEvent(past)), nil
}

// Ready reports whether the store accepts a new hold now. Error: secret.ErrUnavailable.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.Store.Ready(ctx); err != nil {
		return unavailable("try to place a hold", err)
	}
	return nil
}

// patrolPage is how many holds a patrol works on at a time.
const patrolPage = 1000

// Patrol ends the holds that have expired, and removes copies of archived holds. An
// interrupted call that placed a hold leaves such copies if the hold was released
// meanwhile. Concurrent and interrupted patrols do no harm. When Patrol fails for
// one hold it goes on with the others. It works on 1,000 holds at a time. Errors:
// secret.ErrUnavailable, and that of the context.
func (s *Service) Patrol(ctx context.Context) (Patrolled, error) {
	now, sum := s.Settled(), Patrolled{EventSent: true}
	expireErr := s.eachPage(ctx, s.Store.Active, hold.Filter{EndsBy: now}, func(holds []hold.Hold) error {
		return s.end(ctx, holds, &sum)
	})
	// What else may have copies that nobody removes: the holds that were released
	// before their time, until that time.
	released := map[string]bool{}
	listErr := s.eachPage(ctx, s.Store.Past, hold.Filter{EndsAfter: now}, func(holds []hold.Hold) error {
		for i := range holds {
			released[holds[i].ID] = true
		}
		return nil
	})
	if len(released) == 0 {
		return sum, errors.Join(expireErr, listErr)
	}
	removeErr := s.eachPage(ctx, s.Store.Active, hold.Filter{}, func(holds []hold.Hold) error {
		return s.end(ctx, slices.DeleteFunc(holds, func(h hold.Hold) bool { return !released[h.ID] }), &sum)
	})
	return sum, errors.Join(expireErr, listErr, removeErr)
}

// eachPage calls do for each page of a list. It goes on after do has failed, and
// returns the first error.
func (s *Service) eachPage(ctx context.Context, list func(context.Context, hold.Filter, string, int) ([]hold.Hold, string, error), f hold.Filter, do func([]hold.Hold) error) (first error) {
	for cursor := ""; ; {
		holds, next, err := list(ctx, f, cursor, patrolPage)
		if err != nil {
			return cmp.Or(first, unavailable("list holds", err))
		}
		if err := do(holds); first == nil {
			first = err
		}
		if cursor = next; cursor == "" {
			return first
		}
	}
}

// end archives those of the holds that have expired, and removes the copies of all
// that are archived.
func (s *Service) end(ctx context.Context, holds []hold.Hold, sum *Patrolled) error {
	past, expired := make([]*hold.Hold, len(holds)), make([]bool, len(holds))
	expireErr := bounded(len(holds), func(i int) (err error) {
		past[i], expired[i], err = s.expire(ctx, holds[i].ID)
		return err
	})
	var events []secret.Event
	for i, h := range past {
		switch {
		case h == nil:
			continue
		case expired[i]:
			sum.Expired = append(sum.Expired, *h)
		default:
			sum.Removed++
		}
		events = append(events, pastEvent(h))
	}
	// The copies go last: while there are any, the next patrol sends the events again that this one may not have sent.
	if len(events) > 0 {
		sum.EventSent = s.send(ctx, events...) && sum.EventSent
	}
	removeErr := bounded(len(past), func(i int) error {
		if past[i] == nil {
			return nil
		}
		if err := s.Store.Remove(ctx, past[i].ID); err != nil {
			return unavailable("remove hold", err)
		}
		return nil
	})
	return errors.Join(expireErr, removeErr)
}

// expire archives a hold that has expired. It returns the archived hold, nil for
// one that has not expired or is gone, and whether this call has archived it.
func (s *Service) expire(ctx context.Context, id string) (past *hold.Hold, first bool, err error) {
	past, h, err := s.lookUp(ctx, id, s.Store.Find) // the end of the copy that was listed may not be the latest
	if err != nil || past != nil || h == nil || s.Settled().Before(h.Until) {
		return past, false, err
	}
	return s.archive(ctx, h)
}

// Prune deletes the holds that were archived and whose ends, however they were
// released, are longer ago than the policy keeps them. It returns how many. Errors:
// secret.ErrUnavailable, and that of the context; a later call goes on.
func (s *Service) Prune(ctx context.Context) (deleted int, err error) {
	f := hold.Filter{EndsBy: s.Settled().Add(-s.Policy.Retention)}
	err = s.eachPage(ctx, s.Store.Past, f, func(holds []hold.Hold) error {
		if err := bounded(len(holds), func(i int) error { return s.Store.Forget(ctx, holds[i].ID) }); err != nil {
			return unavailable("delete hold", err)
		}
		deleted += len(holds)
		return nil
	})
	return deleted, err
}

// bounded calls do for 0 to n-1, 16 at a time, even after one has failed, and returns the first error.
func bounded(n int, do func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(16)
	for i := range n {
		group.Go(func() error { return do(i) })
	}
	return group.Wait()
}

// sendTime is how long a call waits for the bus. The hold is placed or removed by then.
const sendTime = 5 * time.Second

// Types of events.
const (
	eventCreated  = "secretsharer.hold.created"
	eventReleased = "secretsharer.hold.released"
	eventEnded    = "secretsharer.hold.ended"
	eventRefused  = "secretsharer.operator.refused"
)

// Refuse publishes that a call was refused because its caller is not an operator. It
// never waits.
func (s *Service) Refuse() { s.Events.Publish(secret.Event{Type: eventRefused, Time: s.Now()}) }

// publish sends the event of a hold that was placed or archived. A repeated call
// sends it again, because an earlier one may have been interrupted before that.
func (s *Service) publish(ctx context.Context, h *hold.Hold, e secret.Event) Outcome {
	return Outcome{Hold: h, EventSent: s.send(ctx, e)}
}

func (s *Service) send(ctx context.Context, events ...secret.Event) bool {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	return s.Events.Send(ctx, events...) == nil
}

// pastEvent returns the event of an archived hold.
func pastEvent(h *hold.Hold) secret.Event {
	if h.ReleasedAt.IsZero() {
		return event(eventEnded, h, h.Until)
	}
	return event(eventReleased, h, h.ReleasedAt)
}

// event returns an event with an ID that depends on the hold and the type, so
// that subscribers recognize a copy. It is a hash, since no event may have more of
// an id than 8 characters.
func event(name string, h *hold.Hold, at time.Time) secret.Event {
	return secret.Event{ID: holdID(name, h.ID), Type: name, Subject: h.ID[:min(8, len(h.ID))], Time: at}
}

// now returns the time in the precision of holds.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Second) }

func unavailable(operation string, err error) error {
	return fmt.Errorf("%s: %w: %w", operation, secret.ErrUnavailable, err)
}
