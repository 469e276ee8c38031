package secret

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// purgers is how many marks are looked into side by side.
const purgers = 16

// purge is one run.
type purge struct {
	*Service
	now   time.Time
	holds []hold.Hold // as they stood for the page at hand

	mu  sync.Mutex // guards sum, which marks count side by side
	sum Purged
}

// Purge deletes what is over: the envelopes that marks point at, then the rows
// whose receipts have had their time, then the envelopes that have expired.
// Several at once, and one that is cut off anywhere, do no harm. When ctx ends
// it stops and says how far it is behind. Errors: what a part answered; the
// other parts were done all the same, save where a watermark cannot be had.
func (s *Service) Purge(ctx context.Context) (Purged, error) {
	p := &purge{Service: s, now: s.settled()}
	rows, envelopes := p.rows(), p.envelopes()
	if err := errors.Join(rows.begin(ctx), envelopes.begin(ctx)); err != nil {
		return Purged{}, err
	}
	err := errors.Join(p.marks(ctx), rows.run(ctx), envelopes.run(ctx))
	if ctx.Err() != nil {
		err = nil // out of time is no fault: the watermarks say where to go on
	}
	p.sum.Behind = max(rows.behind(), envelopes.behind())
	return p.sum, err
}

// lookAtHolds fetches the active holds, for each page anew: one that is set while
// purge is at work must stop it, too.
func (p *purge) lookAtHolds(ctx context.Context) (err error) {
	p.holds, err = p.store.ActiveHolds(ctx, ID{}) // a hold stands in every partition
	if err != nil {
		return fmt.Errorf("look up holds: %w", err)
	}
	return nil
}

// marks looks into the rows whose marks are due.
func (p *purge) marks(ctx context.Context) error {
	due := p.now.Add(-clearMargin)
	for cursor := ""; ; {
		marks, next, err := p.store.DueReminders(ctx, due, cursor)
		if err != nil {
			return fmt.Errorf("list marks: %w", err)
		}
		if err := p.markedRows(ctx, marks); err != nil {
			return err
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

func (p *purge) markedRows(ctx context.Context, marks []Reminder) error {
	if len(marks) == 0 {
		return nil
	}
	if err := p.lookAtHolds(ctx); err != nil {
		return err
	}
	if err := p.store.RemoveReminders(ctx, p.settled(ctx, marks)); err != nil {
		return fmt.Errorf("remove marks: %w", err)
	}
	return nil
}

// settled returns the marks whose rows need nothing more, having cleared what they could.
func (p *purge) settled(ctx context.Context, marks []Reminder) []Reminder {
	done := make([]bool, len(marks))
	var group sync.WaitGroup
	slots := make(chan struct{}, purgers)
	for i, m := range marks {
		slots <- struct{}{}
		group.Go(func() {
			done[i] = p.settle(ctx, m.ID)
			<-slots
		})
	}
	group.Wait()
	var gone []Reminder
	for i, m := range marks {
		if done[i] {
			gone = append(gone, m)
		}
	}
	p.sum.Left += len(marks) - len(gone)
	return gone
}

// settle clears a row if nothing can be served from it any more. It reports
// whether its mark has done its duty: a confirmed clearing, or none needed.
func (p *purge) settle(ctx context.Context, id ID) bool {
	r, err := p.store.Peek(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return true
	case err != nil:
		return false
	case r.Cleared:
		return true
	case r.leased(p.now):
		return false
	case !r.clearable(p.now):
		return true
	case p.preserves(r):
		return false
	}
	r.Cleared = true
	if p.store.Update(ctx, r) != nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sum.Cleared++
	return true
}
