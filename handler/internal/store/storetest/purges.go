package storetest

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// purgeCutOff cuts a purge off at every call that it makes of the store, before
// the call or after it, and lets a fresh one finish. The short run alternates between the two.
func purgeCutOff(t *testing.T, open func(t testing.TB) Store) {
	both := Rounds(0, 1) == 1
	cuts := 0
	for n := 1; ; n++ {
		whole := false
		for _, last := range []Fault{RequestLost, AnswerLost} {
			if !both && (n%2 == 0) != (last == AnswerLost) {
				continue
			}
			f := &Faulty{Store: open(t), Plan: func(call int) Fault {
				switch {
				case call < n:
					return None
				case call == n:
					return last
				}
				return RequestLost
			}}
			if err := cutOff(t.Context(), f); err != nil {
				t.Fatalf("cut off at call %d, fault %d: %v", n, last, err)
			}
			cuts++
			whole = f.Calls() < n
		}
		if whole {
			break
		}
	}
	t.Logf("%d purges cut off", cuts)
}

// cutOff fills the store, purges over what fails, and then over the store itself.
func cutOff(ctx context.Context, f *Faulty) error {
	clock := &Clock{now: Start}
	h, err := fill(ctx, f.Store, clock)
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	_, _ = Service(f, clock.Now).Purge(ctx)
	if err := h.living(ctx); err != nil {
		return err
	}
	sum, err := h.service.Purge(ctx)
	if err != nil || sum.Behind > 0 || sum.Left > 0 {
		return fmt.Errorf("fresh purge: %+v, %w", sum, err)
	}
	if err := h.purged(ctx); err != nil {
		return err
	}
	clock.Set(clock.Now().Add(10 * time.Minute))
	if _, err := h.service.Purge(ctx); err != nil {
		return err
	}
	if err := h.envelope(ctx, h.leased, false); err != nil {
		return fmt.Errorf("after its lease: %w", err)
	}
	return h.marks(ctx, 0)
}

// household is a store with one of everything that purge meets.
type household struct {
	store   Store
	service *secret.Service
	clock   *Clock
	old     []*Link // expired longer ago than receipts are kept
	unread  []*Link // expired, and never read
	lapsed  *Link   // read, never acknowledged, and the lease is over
	leased  *Link   // read a moment ago
	alive   []*Link // waiting for their readers
}

func fill(ctx context.Context, store Store, clock *Clock) (*household, error) {
	now := clock.Now()
	s := Service(store, clock.Now)
	h := &household{store: store, service: s, clock: clock}
	clock.Set(now.Add(-100 * time.Hour))
	for _, at := range []time.Duration{-80 * time.Hour, -48 * time.Hour} {
		h.old = append(h.old, NewLink(now.Add(at), 1, random(300)))
	}
	for range 3 {
		h.unread = append(h.unread, NewLink(now.Add(-time.Hour), 1, random(300)))
		h.alive = append(h.alive, NewLink(now.Add(time.Hour), 1, random(300)))
	}
	h.lapsed, h.leased = NewLink(now.Add(time.Hour), 1, random(300)), NewLink(now.Add(time.Hour), 1, random(300))
	for _, links := range [][]*Link{h.old, h.unread, h.alive, {h.lapsed, h.leased}} {
		for _, l := range links {
			if _, err := s.Create(ctx, l.Draft); err != nil {
				return nil, err
			}
		}
	}
	defer clock.Set(now)
	for link, ago := range map[*Link]time.Duration{h.lapsed: 10 * time.Minute, h.leased: time.Minute} {
		clock.Set(now.Add(-ago))
		if _, err := link.read(ctx, s, []byte("key of the reader")); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// envelope answers an error unless the row stands, with or without its envelope.
func (h *household) envelope(ctx context.Context, l *Link, with bool) error {
	r, err := h.store.Get(ctx, l.ID)
	if err != nil {
		return err
	}
	if with == r.Cleared || with && !bytes.Equal(r.Sealed.Envelope, l.Envelope) || !with && len(r.Sealed.Envelope) > 0 {
		return fmt.Errorf("row of slot %d: cleared %v, %d bytes", l.ID.Slot(), r.Cleared, len(r.Sealed.Envelope))
	}
	return nil
}

// living checks what no purge may ever touch.
func (h *household) living(ctx context.Context) error {
	for _, l := range append([]*Link{h.leased}, h.alive...) {
		if err := h.envelope(ctx, l, true); err != nil {
			return fmt.Errorf("living: %w", err)
		}
	}
	return nil
}

// purged checks what a purge leaves behind.
func (h *household) purged(ctx context.Context) error {
	for _, l := range append([]*Link{h.lapsed}, h.unread...) {
		if err := h.envelope(ctx, l, false); err != nil {
			return fmt.Errorf("over: %w", err)
		}
	}
	for _, l := range h.old {
		if _, err := h.store.Peek(ctx, l.ID); err == nil {
			return fmt.Errorf("a tombstone stands beyond its time")
		}
	}
	if err := h.marks(ctx, 1); err != nil {
		return err
	}
	return h.living(ctx)
}

func (h *household) marks(ctx context.Context, want int) error {
	marks, _, err := h.store.DueReminders(ctx, h.clock.Now().Add(time.Hour), "")
	if err != nil || len(marks) != want {
		return fmt.Errorf("%d marks, want %d, %w", len(marks), want, err)
	}
	return nil
}

// clockAhead purges while the clock runs an hour ahead, and after it was set back.
func clockAhead(t *testing.T, s Store) {
	ctx := t.Context()
	wall, steady := &Clock{now: Start}, time.Duration(0)
	deps := Deps(s, wall.Now)
	settled := clock.NewSettled(wall.Now, func() time.Duration { return steady })
	pass := func(d time.Duration) { steady += d; wall.Set(wall.Now().Add(d)) }
	deps.Settled = settled.Now
	service := secret.New(deps)
	var links []*Link
	for at := 10 * time.Minute; at <= 2*time.Hour; at += 10 * time.Minute {
		l := NewLink(Start.Add(at), 1, random(100))
		_, err := service.Create(ctx, l.Draft)
		must(t, err)
		links = append(links, l)
	}
	h := household{store: s, service: service}
	truth := Start // what the time really is
	for step := range 30 {
		switch step {
		case 3:
			wall.Set(wall.Now().Add(time.Hour))
		case 9:
			wall.Set(wall.Now().Add(-time.Hour))
		}
		_, err := service.Purge(ctx)
		must(t, err)
		for _, l := range links {
			if truth.Before(l.ID.Slot().End().Add(5 * time.Minute)) {
				if err := h.envelope(ctx, l, true); err != nil {
					t.Fatalf("step %d, early: %v", step, err)
				}
			} else if err := h.envelope(ctx, l, false); err != nil {
				t.Fatalf("step %d, skipped: %v", step, err)
			}
		}
		pass(5 * time.Minute)
		truth = truth.Add(5 * time.Minute)
	}
}
