package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// InsertHold implements store.Partitions.
func (f *Faulty) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.InsertHold(ctx, partition, h) })
}

// DropHold implements store.Partitions.
func (f *Faulty) DropHold(ctx context.Context, partition, id string) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.DropHold(ctx, partition, id) })
}

// GetHold implements store.Partitions.
func (f *Faulty) GetHold(ctx context.Context, partition, id string) (hold.Hold, error) {
	return fetch(ctx, f, func(ctx context.Context) (hold.Hold, error) { return f.Store.GetHold(ctx, partition, id) })
}

// ListHolds implements store.Partitions.
func (f *Faulty) ListHolds(ctx context.Context, partition, cursor string) ([]hold.Hold, string, error) {
	p, err := fetch(ctx, f, func(ctx context.Context) (p pair[[]hold.Hold, string], err error) {
		p.a, p.b, err = f.Store.ListHolds(ctx, partition, cursor)
		return p, err
	})
	return p.a, p.b, err
}

// everyHoldFault lives through a secret's life under a hold, once for each call
// that is made of the store: that call goes wrong, and who was not answered
// repeats it. In the short run each call goes wrong in one way, in the long run in every.
func everyHoldFault(t *testing.T, open func(t testing.TB) Store) {
	s := open(t)
	step, lives := Rounds(3, 1), 0
	for fault := RequestLost; fault <= Late; fault++ {
		first := 1
		if step > 1 {
			first = int(fault)
		}
		for n := first; ; n += step {
			lives++
			f := &Faulty{Store: s, Plan: func(call int) Fault {
				if call == n {
					return fault
				}
				return None
			}}
			clock := &Clock{now: Start.Add(time.Duration(lives) * 100 * time.Hour)}
			l := heldLife{life: life{clock: clock, service: Service(f, clock.Now)}, operator: Quarantine(f, clock.Now), store: s, key: random(16)}
			if err := l.live(t.Context()); err != nil {
				t.Fatalf("fault %d at call %d: %v", fault, n, err)
			}
			if f.Calls() < n {
				break
			}
		}
	}
	t.Logf("%d lives, one call gone wrong in each", lives)
}

// heldLife is a secret of one view, whose reader a hold comes upon.
type heldLife struct {
	life
	operator *quarantine.Service
	store    Store
	key      []byte // of the operator's request
	hold     string
}

func (l *heldLife) live(ctx context.Context) error {
	l.link = NewLink(l.clock.Now().Add(48*time.Hour), 1, random(200))
	reader := random(16)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"create", func() error { _, err := l.service.Create(ctx, l.link.Draft); return err }},
		{"read", func() error { return l.reads(ctx, reader) }},
		{"quarantine", func() error { return l.quarantines(ctx) }},
		{"read again under the hold", func() error { return isHeld(l.reads(ctx, reader)) }},
		{"two hours later", func() error { l.clock.Set(l.clock.Now().Add(2 * time.Hour)); return nil }},
		{"quarantine again", func() error { return l.quarantines(ctx) }},
		{"release", func() error { return l.releases(ctx) }},
		{"late delivery", func() error { return l.quarantines(ctx) }},
		{"patrol", func() error { _, err := l.operator.Patrol(ctx); return err }},
		{"no rows are left", func() error { return l.isLifted(ctx) }},
		{"receipt", func() error { return l.tells(ctx) }},
		{"read after the release", func() error { return l.reads(ctx, reader) }},
		{"ack", func() error { return l.service.Ack(ctx, l.link.ID, l.link.Proofs.Access, reader) }},
		{"read after its ack", func() error { return isGone(l.reads(ctx, reader), secret.ReasonRead) }},
	} {
		if err := repeat(step.do); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

func (l *heldLife) quarantines(ctx context.Context) error {
	o, err := l.operator.Quarantine(ctx, holdOn(l.link.ID, hold.BlockRead), l.key)
	switch {
	case err != nil:
		return err
	case l.hold != "" && l.hold != o.Hold.ID:
		return errors.New("another hold")
	}
	l.hold = o.Hold.ID
	return nil
}

func (l *heldLife) releases(ctx context.Context) error {
	_, err := l.operator.Release(ctx, l.hold, "over")
	return err
}

// isLifted looks past the faults.
func (l *heldLife) isLifted(ctx context.Context) error {
	for shard := range byte(store.Shards) {
		if _, err := l.store.GetHold(ctx, store.ActiveHolds(shard), l.hold); !errors.Is(err, secret.ErrNotFound) {
			return fmt.Errorf("a row is left in shard %d: %w", shard, err)
		}
	}
	_, err := l.store.GetHold(ctx, store.PastHolds, l.hold)
	return err
}

// tells reads in the receipt that the secret was held and released, once each.
func (l *heldLife) tells(ctx context.Context) error {
	receipt, err := l.service.Receipt(ctx, l.link.ID, l.link.Proofs.Manage)
	if err != nil {
		return err
	}
	seen := map[string]int{}
	for _, e := range receipt.Events {
		seen[e.Event]++
	}
	if seen["held"] != 1 || seen["released"] != 1 {
		return fmt.Errorf("the receipt tells %v", seen)
	}
	return nil
}

// isHeld answers what is wrong with an error that should say that a hold stands.
func isHeld(err error) error {
	var held *secret.HeldError
	if errors.As(err, &held) {
		return nil
	}
	return fmt.Errorf("not held: %w", err)
}
