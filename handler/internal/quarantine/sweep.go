package quarantine

import (
	"context"
	"errors"
	"sync"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// sweepers is how many holds are looked at side by side.
const sweepers = 16

// Sweep ends the holds whose time has come, and removes rows of holds that are
// past: those of a call that was overtaken by a release, and cut off. Several at
// once do no harm. When ctx ends it stops, and the next goes on. Errors: secret.ErrUnavailable
// and what the context answered; the other holds were swept all the same.
func (s *Service) Sweep(ctx context.Context) (Swept, error) {
	holds, err := s.active(ctx)
	if err != nil {
		return Swept{}, unavailable("list holds", err)
	}
	w := sweep{Service: s, sum: Swept{EventSent: true}}
	slots := make(chan struct{}, sweepers)
	var group sync.WaitGroup
	for i := range holds {
		slots <- struct{}{}
		group.Go(func() {
			w.note(w.hold(ctx, &holds[i]))
			<-slots
		})
	}
	group.Wait()
	if len(w.events) > 0 {
		w.sum.EventSent = s.send(ctx, w.events...)
	}
	return w.sum, errors.Join(w.errs...)
}

// sweep is one run.
type sweep struct {
	*Service

	mu     sync.Mutex // guards what the holds that are swept side by side add to
	sum    Swept
	events []secret.Event
	errs   []error
}

// hold sweeps one and returns it when it is past; ended says that it was not before.
func (w *sweep) hold(ctx context.Context, h *secret.Hold) (past *secret.Hold, ended bool, err error) {
	if past, err = w.get(ctx, Past, h.ID); err != nil {
		return nil, false, err
	}
	if past == nil {
		if w.Settled().Before(h.Until) {
			return nil, false, nil
		}
		err = w.Store.InsertHold(ctx, Past, *h)
		if err != nil && !errors.Is(err, secret.ErrExists) {
			return nil, false, unavailable("write past hold", err)
		}
		past, ended = h, err == nil
	}
	return past, ended, w.drop(ctx, h.ID)
}

func (w *sweep) note(past *secret.Hold, ended bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil:
		w.errs = append(w.errs, err)
		return
	case past == nil:
		return
	case ended:
		w.sum.Ended = append(w.sum.Ended, *past)
	default:
		w.sum.Removed++
	}
	w.events = append(w.events, lifted(past))
}
