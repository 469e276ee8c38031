package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// purgeCutOff interrupts a purge at each call that it makes to the store, before
// or after the call takes effect, and lets the next purge finish. The short run
// alternates between the two.
func purgeCutOff(t *testing.T, open func(t testing.TB) Store) {
	both := Rounds(0, 1) == 1
	cuts := 0
	for n, complete := 1, false; !complete; n++ {
		for _, last := range []fault{requestLost, responseLost} {
			if !both && (n%2 == 0) != (last == responseLost) {
				continue
			}
			f := &faulty{Store: open(t), plan: func(call int) fault {
				switch {
				case call < n:
					return none
				case call == n:
					return last
				}
				return requestLost
			}}
			if err := cutOff(t.Context(), f); err != nil {
				t.Fatalf("interrupted at call %d, fault %d: %v", n, last, err)
			}
			cuts++
			complete = f.calls() < n
		}
	}
	t.Logf("%d purges interrupted", cuts)
}

// cutOff fills the store, and purges with faults and then without.
func cutOff(ctx context.Context, f *faulty) error {
	clock := testkit.NewClock(Start)
	p, err := newPopulation(ctx, f.Store, clock)
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	_, _ = Service(f, clock.Now).Purge(ctx)
	if err := p.checkLiving(ctx); err != nil {
		return err
	}
	sum, err := p.service.Purge(ctx)
	if err != nil || sum.Behind > 0 || sum.Left > 0 {
		return fmt.Errorf("next purge: %+v, %w", sum, err)
	}
	if err := p.checkPurged(ctx); err != nil {
		return err
	}
	clock.Set(clock.Now().Add(10 * time.Minute))
	if _, err := p.service.Purge(ctx); err != nil {
		return err
	}
	if err := checkEnvelope(ctx, p.store, p.leased, false); err != nil {
		return fmt.Errorf("after the lease: %w", err)
	}
	return p.checkReminders(ctx, 0)
}

// population is a store with secrets in every state that purge handles.
type population struct {
	store   Store
	service *secret.Service
	clock   *testkit.Clock
	old     []*Link // expired before the retention of receipts
	unread  []*Link // expired and never read
	lapsed  *Link   // read and not acknowledged, with a lease that has ended
	leased  *Link   // read a moment ago
	alive   []*Link // not read yet
}

func newPopulation(ctx context.Context, store Store, clock *testkit.Clock) (*population, error) {
	now := clock.Now()
	p := &population{store: store, service: Service(store, clock.Now), clock: clock}
	newLink := func(expires time.Duration) *Link { return NewLink(now.Add(expires), 1, random(300)) }
	p.old = []*Link{newLink(-80 * time.Hour), newLink(-48 * time.Hour)}
	for range 3 {
		p.unread = append(p.unread, newLink(-time.Hour))
		p.alive = append(p.alive, newLink(time.Hour))
	}
	p.lapsed, p.leased = newLink(time.Hour), newLink(time.Hour)
	clock.Set(now.Add(-100 * time.Hour))
	for _, l := range slices.Concat(p.old, p.unread, p.alive, []*Link{p.lapsed, p.leased}) {
		if _, err := p.service.Create(ctx, l.Draft); err != nil {
			return nil, err
		}
	}
	defer clock.Set(now)
	for link, ago := range map[*Link]time.Duration{p.lapsed: 10 * time.Minute, p.leased: time.Minute} {
		clock.Set(now.Add(-ago))
		if _, err := link.read(ctx, p.service, []byte("key of the reader")); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// checkEnvelope returns an error unless the row exists, with or without its envelope.
func checkEnvelope(ctx context.Context, s secret.Store, l *Link, with bool) error {
	r, err := s.Get(ctx, l.ID)
	if err != nil {
		return err
	}
	if with == r.Cleared || with && !bytes.Equal(r.Sealed.Envelope, l.Envelope) || !with && len(r.Sealed.Envelope) > 0 {
		return fmt.Errorf("row of slot %d: cleared %v, %d bytes", l.ID.Slot(), r.Cleared, len(r.Sealed.Envelope))
	}
	return nil
}

// checkLiving checks the rows that no purge may change.
func (p *population) checkLiving(ctx context.Context) error {
	for _, l := range append([]*Link{p.leased}, p.alive...) {
		if err := checkEnvelope(ctx, p.store, l, true); err != nil {
			return fmt.Errorf("living: %w", err)
		}
	}
	return nil
}

// checkPurged checks the store after a purge.
func (p *population) checkPurged(ctx context.Context) error {
	for _, l := range append([]*Link{p.lapsed}, p.unread...) {
		if err := checkEnvelope(ctx, p.store, l, false); err != nil {
			return fmt.Errorf("ended: %w", err)
		}
	}
	for _, l := range p.old {
		if _, err := p.store.Peek(ctx, l.ID); !errors.Is(err, secret.ErrNotFound) {
			return fmt.Errorf("a tombstone after its retention: %w", err)
		}
	}
	if err := p.checkReminders(ctx, 1); err != nil {
		return err
	}
	return p.checkLiving(ctx)
}

func (p *population) checkReminders(ctx context.Context, want int) error {
	reminders, _, err := p.store.DueReminders(ctx, p.clock.Now().Add(time.Hour), "")
	if err != nil || len(reminders) != want {
		return fmt.Errorf("%d reminders, want %d, %w", len(reminders), want, err)
	}
	return nil
}

// clockAhead purges while the clock is an hour ahead, and after it was set back.
func clockAhead(t *testing.T, s Store) {
	ctx := t.Context()
	wall, steady := testkit.NewClock(Start), time.Duration(0)
	deps := Deps(s, wall.Now)
	deps.Settled = clock.NewSettled(wall.Now, func() time.Duration { return steady }).Now
	service := secret.New(deps)
	var links []*Link
	for at := 10 * time.Minute; at <= 2*time.Hour; at += 10 * time.Minute {
		l := NewLink(Start.Add(at), 1, random(100))
		_, err := service.Create(ctx, l.Draft)
		must(t, err)
		links = append(links, l)
	}
	truth := Start // the correct time
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
			alive := truth.Before(l.ID.Slot().End().Add(5 * time.Minute))
			if err := checkEnvelope(ctx, s, l, alive); err != nil {
				t.Fatalf("step %d, alive %v: %v", step, alive, err)
			}
		}
		steady += 5 * time.Minute
		wall.Set(wall.Now().Add(5 * time.Minute))
		truth = truth.Add(5 * time.Minute)
	}
}
