package quarantine

import (
	"context"
	"errors"
	"sync"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// sweepers is how many holds are looked at side by side.
const sweepers = 16

// Sweep ends the holds whose time has come, and removes rows of holds that are
// past: those of a call that was overtaken by a release, and cut off. Several at
// once, and one that is cut off anywhere, do no harm. Errors: secret.ErrUnavailable
// and what the context answered; the other holds were swept all the same.
func (s *Service) Sweep(ctx context.Context) (Swept, error) {
	holds, err := s.active(ctx)
	if err != nil {
		return Swept{}, unavailable("list holds", err)
	}
	past, ended := make([]*hold.Hold, len(holds)), make([]bool, len(holds))
	err = bounded(len(holds), func(i int) (err error) {
		past[i], ended[i], err = s.settled(ctx, &holds[i])
		return err
	})
	sum, events := Swept{EventSent: true}, []secret.Event(nil)
	for i, h := range past {
		switch {
		case h == nil:
			continue
		case ended[i]:
			sum.Ended = append(sum.Ended, *h)
		default:
			sum.Removed++
		}
		events = append(events, lifted(h))
	}
	// The rows go last: while they stand, the next sweep sends again what this one may not have sent.
	if len(events) > 0 {
		sum.EventSent = s.send(ctx, events...)
	}
	return sum, errors.Join(err, bounded(len(past), func(i int) error {
		if past[i] == nil {
			return nil
		}
		return s.drop(ctx, past[i].ID)
	}))
}

// settled returns a hold that is past, nil when it goes on; ended says that it was not past before.
func (s *Service) settled(ctx context.Context, h *hold.Hold) (past *hold.Hold, ended bool, err error) {
	past, err = s.get(ctx, Past, h.ID)
	if err != nil || past != nil || s.Settled().Before(h.Until) {
		return past, false, err
	}
	return s.file(ctx, h)
}

// bounded does things side by side, but not too many at a time.
func bounded(n int, do func(i int) error) error {
	errs := make([]error, n)
	slots := make(chan struct{}, sweepers)
	var group sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		group.Go(func() {
			errs[i] = do(i)
			<-slots
		})
	}
	group.Wait()
	return errors.Join(errs...)
}
