package secret

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

const (
	// purgeWorkers is how many reminders are followed at the same time.
	purgeWorkers = 16
	// expiryMargin is how long purge waits after a slot's end before it looks at its rows.
	expiryMargin = 5 * time.Minute
	// rescan is how far before its watermark each pass starts.
	rescan = header.Slot(2 * time.Hour / header.SlotTime)
)

// The names of the passes over what has expired. Each has a watermark under its name.
const (
	rowsPass      = "rows"
	envelopesPass = "envelopes"
)

// Purged is the result of a purge.
type Purged struct {
	Cleared int           // sealed envelopes deleted
	Deleted int           // rows deleted
	Left    int           // rows and reminders that were due and have to wait for a later purge
	Behind  time.Duration // how far the slower pass is behind what has expired
}

// purge is one run.
type purge struct {
	*Service
	now   time.Time   // by the settled clock
	holds []hold.Hold // those that preserve, active when the current page was read

	mu     sync.Mutex // guards result while reminders are followed
	result Purged
}

// Purge deletes first the envelopes that reminders point to, then the rows whose
// receipts have been kept long enough, then the envelopes that have expired.
// Concurrent runs and interrupted runs do no harm. When ctx ends it stops without an
// error; Behind shows how much is left. Its errors are those of the store. After one
// it still tries the other steps, unless a watermark could not be read.
func (s *Service) Purge(ctx context.Context) (Purged, error) {
	p := &purge{Service: s, now: s.settled()}
	rows, envelopes := p.overRows(), p.overEnvelopes()
	if err := errors.Join(rows.begin(ctx), envelopes.begin(ctx)); err != nil {
		return Purged{}, err
	}
	err := errors.Join(p.followReminders(ctx), rows.run(ctx), envelopes.run(ctx))
	if ctx.Err() != nil {
		err = nil // the next run goes on from the watermarks
	}
	p.result.Behind = max(rows.behind(), envelopes.behind())
	return p.result, err
}

// loadHolds reads the active holds that preserve. It does so for every page, so that a hold that
// is placed while purge runs stops it.
func (p *purge) loadHolds(ctx context.Context) (err error) {
	p.holds, err = p.store.PreservingHolds(ctx)
	if err != nil {
		return fmt.Errorf("look up holds: %w", err)
	}
	return nil
}

// preserves reports whether a hold keeps the row from being deleted.
func (p *purge) preserves(r *Record) bool {
	_, held := activeHold(p.holds, r, hold.Preserve, p.now)
	return held
}

// followReminders clears the rows of the reminders that are due.
func (p *purge) followReminders(ctx context.Context) error {
	due := p.now.Add(-clearMargin)
	for cursor := ""; ; {
		reminders, next, err := p.store.DueReminders(ctx, due, cursor)
		if err != nil {
			return fmt.Errorf("list reminders: %w", err)
		}
		if err := p.followPage(ctx, reminders); err != nil {
			return err
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// followPage follows the reminders in parallel, and removes those that are done.
func (p *purge) followPage(ctx context.Context, reminders []Reminder) error {
	if len(reminders) == 0 {
		return nil
	}
	if err := p.loadHolds(ctx); err != nil {
		return err
	}
	done := make([]bool, len(reminders))
	var group sync.WaitGroup
	workers := make(chan struct{}, purgeWorkers)
	for i, reminder := range reminders {
		workers <- struct{}{}
		group.Go(func() {
			done[i] = p.follow(ctx, reminder.ID)
			<-workers
		})
	}
	group.Wait()
	var remove []Reminder
	for i, reminder := range reminders {
		if done[i] {
			remove = append(remove, reminder)
		}
	}
	p.result.Left += len(reminders) - len(remove)
	if err := p.store.RemoveReminders(ctx, remove); err != nil {
		return fmt.Errorf("remove reminders: %w", err)
	}
	return nil
}

// follow clears a row if nothing can be served from it any more. It reports whether
// the reminder is done: the clearing is confirmed, or none is needed.
func (p *purge) follow(ctx context.Context, id header.ID) bool {
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
	p.result.Cleared++
	return true
}

// pass visits the rows that have expired, in the order of their slots.
type pass struct {
	*purge
	name      string
	to        header.Slot // exclusive
	uncleared bool        // leave out rows that were cleared
	remove    func(context.Context, []*Record) ([]*Record, error)
	count     *int

	watermark header.Slot // nothing is left in the slots before it
	firstLeft header.Slot // the first slot in which this run left a row
}

// overRows deletes the rows whose receipts have been kept long enough, with everything in them.
func (p *purge) overRows() *pass {
	return p.pass(&pass{name: rowsPass, remove: p.store.Delete, count: &p.result.Deleted}, p.policy.ReceiptRetention)
}

// overEnvelopes deletes the envelopes that have expired unread, and leaves the tombstones.
func (p *purge) overEnvelopes() *pass {
	return p.pass(&pass{name: envelopesPass, uncleared: true, remove: p.store.Clear, count: &p.result.Cleared}, 0)
}

func (p *purge) pass(w *pass, retention time.Duration) *pass {
	w.purge, w.firstLeft = p, ^header.Slot(0)
	w.to = header.SlotOf(p.now.Add(-expiryMargin - retention))
	return w
}

// begin reads the watermark.
func (w *pass) begin(ctx context.Context) (err error) {
	if w.watermark, err = w.store.Watermark(ctx, w.name); err != nil {
		return fmt.Errorf("get watermark of %s: %w", w.name, err)
	}
	return nil
}

// run visits the slots page by page. After each page it moves the watermark, but
// never past a row that it left.
func (w *pass) run(ctx context.Context) error {
	from := w.watermark - min(w.watermark, rescan)
	for cursor := ""; ; {
		rows, next, err := w.store.Expired(ctx, from, w.to, w.uncleared, cursor)
		if err != nil {
			return fmt.Errorf("list expired %s: %w", w.name, err)
		}
		if err := w.page(ctx, rows); err != nil {
			return fmt.Errorf("purge %s: %w", w.name, err)
		}
		if err := w.advance(ctx, rows, next == ""); err != nil {
			return fmt.Errorf("set watermark of %s: %w", w.name, err)
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// page removes the rows of a page, except those that a reader or a hold still needs
// and those that have changed meanwhile.
func (w *pass) page(ctx context.Context, rows []*Record) error {
	if len(rows) == 0 {
		return nil
	}
	if err := w.loadHolds(ctx); err != nil {
		return err
	}
	var over []*Record
	for _, r := range rows {
		if r.leased(w.now) || w.preserves(r) {
			w.leave(r)
		} else {
			over = append(over, r)
		}
	}
	changed, err := w.remove(ctx, over)
	if err != nil {
		return err
	}
	for _, r := range changed {
		w.leave(r)
	}
	*w.count += len(over) - len(changed)
	w.publishExpired(slices.DeleteFunc(over, func(r *Record) bool { return slices.Contains(changed, r) }))
	return nil
}

func (w *pass) leave(r *Record) {
	w.result.Left++
	w.firstLeft = min(w.firstLeft, r.ID.Slot())
}

// advance moves the watermark to the last slot of the page, or to the end of the pass.
func (w *pass) advance(ctx context.Context, rows []*Record, last bool) error {
	watermark := w.watermark
	switch {
	case last:
		watermark = w.to
	case len(rows) > 0:
		watermark = max(watermark, rows[len(rows)-1].ID.Slot())
	}
	watermark = min(watermark, w.firstLeft)
	if watermark == w.watermark {
		return nil
	}
	w.watermark = watermark
	return w.store.SetWatermark(ctx, w.name, watermark)
}

// behind returns the time between the watermark and the end of the pass.
func (w *pass) behind() time.Duration {
	return time.Duration(w.to-min(w.watermark, w.to)) * header.SlotTime
}

// publishExpired publishes the expiry of the rows that expired unread.
func (w *pass) publishExpired(rows []*Record) {
	for _, r := range rows {
		if gone := r.over(w.now); gone != nil && gone.Reason == ReasonExpired && !r.Cleared {
			w.publish("expired", r, r.Expires)
		}
	}
}
