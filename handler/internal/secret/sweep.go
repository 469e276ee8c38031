package secret

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

const (
	// expiryMargin is how long after a slot's end purge leaves its rows alone.
	expiryMargin = 5 * time.Minute
	// rescan is how far before its watermark each pass starts.
	rescan = Slot(2 * time.Hour / SlotTime)
)

// The passes by which purge does away with what has expired; each has a watermark of this name.
const (
	rowsPass      = "rows"
	envelopesPass = "envelopes"
)

// sweep is one pass over the rows that have expired, in the order of their slots.
type sweep struct {
	*purge
	name      string
	to        Slot // exclusive
	uncleared bool // leave out the rows that hold no envelope any more
	remove    func(context.Context, []*Record) ([]*Record, error)
	count     *int

	mark  Slot // the watermark: before it, nothing is left
	first Slot // the first slot in which a row was left
}

// rows deletes tombstones whose receipts have had their time, with whatever they still hold.
func (p *purge) rows() *sweep {
	return p.sweep(&sweep{name: rowsPass, remove: p.store.Delete, count: &p.sum.Deleted}, p.policy.ReceiptRetention)
}

// envelopes deletes what has expired unread, and leaves the tombstones.
func (p *purge) envelopes() *sweep {
	return p.sweep(&sweep{name: envelopesPass, uncleared: true, remove: p.store.Clear, count: &p.sum.Cleared}, 0)
}

func (p *purge) sweep(w *sweep, retention time.Duration) *sweep {
	w.purge, w.first = p, ^Slot(0)
	w.to = SlotOf(p.now.Add(-expiryMargin - retention))
	return w
}

// begin fetches the watermark.
func (w *sweep) begin(ctx context.Context) (err error) {
	if w.mark, err = w.store.Watermark(ctx, w.name); err != nil {
		return fmt.Errorf("get watermark of %s: %w", w.name, err)
	}
	return nil
}

// run goes through the slots, and moves the watermark page by page, never past a row that it left.
func (w *sweep) run(ctx context.Context) error {
	from := w.mark - min(w.mark, rescan)
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

// page removes what it may of a page: not what a reader or a hold needs, nor what has changed meanwhile.
func (w *sweep) page(ctx context.Context, rows []*Record) error {
	if len(rows) == 0 {
		return nil
	}
	if err := w.lookAtHolds(ctx); err != nil {
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
	w.tell(slices.DeleteFunc(over, func(r *Record) bool { return slices.Contains(changed, r) }))
	return nil
}

func (w *sweep) leave(r *Record) {
	w.sum.Left++
	w.first = min(w.first, r.ID.Slot())
}

// advance moves the watermark to where the pass has come.
func (w *sweep) advance(ctx context.Context, rows []*Record, last bool) error {
	mark := w.mark
	switch {
	case last:
		mark = w.to
	case len(rows) > 0:
		mark = max(mark, rows[len(rows)-1].ID.Slot())
	}
	if mark = min(mark, w.first); mark == w.mark {
		return nil
	}
	w.mark = mark
	return w.store.SetWatermark(ctx, w.name, mark)
}

// behind returns how much time lies between the watermark and what the pass could have reached.
func (w *sweep) behind() time.Duration {
	return time.Duration(w.to-min(w.mark, w.to)) * SlotTime
}

// tell publishes the expiry of what nobody had read, best effort.
func (w *sweep) tell(rows []*Record) {
	for _, r := range rows {
		if gone := r.over(w.now); gone != nil && gone.Reason == ReasonExpired && !r.Cleared {
			w.publish("expired", r, r.Expires)
		}
	}
}

// preserves reports whether a hold keeps the row from being deleted.
func (p *purge) preserves(r *Record) bool {
	_, is := held(p.holds, r, hold.Preserve, p.now)
	return is
}
