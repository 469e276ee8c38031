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
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// everyFault runs a secret's whole life once for each call that it makes to the
// store. That call fails, and the client retries with the same key. In the short
// run each call fails in one way, in the long run in every way.
func everyFault(t *testing.T, s Store, live func(*life, context.Context) error) {
	step, lives := Rounds(3, 1), 0
	for kind := requestLost; kind <= late; kind++ {
		first := 1
		if step > 1 {
			first = int(kind)
		}
		for n := first; ; n += step {
			lives++
			f := &faulty{Store: s, plan: func(call int) fault {
				if call == n {
					return kind
				}
				return none
			}}
			clock := testkit.NewClock(Start.Add(time.Duration(lives) * 100 * time.Hour))
			l := life{clock: clock, service: Service(f, clock.Now), operator: operatorOf(f, clock.Now), store: s, operatorKey: random(16)}
			if err := live(&l, t.Context()); err != nil {
				t.Fatalf("fault %d at call %d: %v", kind, n, err)
			}
			if f.calls() < n {
				break
			}
		}
	}
	t.Logf("%d lives, one failing call in each", lives)
}

// life is a secret with its sender, readers and operator.
type life struct {
	service  *secret.Service
	operator *quarantine.Service
	store    Store // without faults
	clock    *testkit.Clock
	link     *Link

	operatorKey []byte
	hold        string
}

type step struct {
	name string
	do   func() error
}

// steps carries out steps as a client that retries when it gets no response.
func steps(all ...step) error {
	for _, s := range all {
		if err := retry(s.do); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func retry(do func() error) (err error) {
	for range 4 {
		if err = do(); !errors.Is(err, secret.ErrUnavailable) {
			return err
		}
	}
	return err
}

// live is the life of a secret with two views.
func (l *life) live(ctx context.Context) error {
	l.link = NewLink(l.clock.Now().Add(time.Hour), 2, random(200))
	first, second, third := random(16), random(16), random(16)
	return steps(
		step{"create", func() error { return l.create(ctx) }},
		step{"wrong claim", func() error { return l.tryWrongClaim(ctx) }},
		step{"first read", func() error { return l.read(ctx, first) }},
		step{"status", func() error { return l.wantViews(ctx, 1) }},
		step{"first read again", func() error { return l.read(ctx, first) }},
		step{"second read", func() error { return l.read(ctx, second) }},
		step{"third read", func() error { return wantGone(l.read(ctx, third), secret.ReasonRead) }},
		step{"first ack", func() error { return l.ack(ctx, first) }},
		step{"read after its ack", func() error { return wantGone(l.read(ctx, first), secret.ReasonRead) }},
		step{"second read again", func() error { return l.read(ctx, second) }},
		step{"revoke", func() error {
			return l.service.Revoke(ctx, l.link.ID, secret.Proofs{Manage: l.link.Proofs.Manage}, Admitted{})
		}},
		step{"read after the revocation", func() error { return wantGone(l.read(ctx, second), secret.ReasonRevoked) }},
		step{"purge", func() error { return l.purge(ctx) }},
		step{"read after the purge", func() error { return l.wantNotFound(ctx) }},
	)
}

// liveHeld is the life of a secret of one view, which is held while it is read.
func (l *life) liveHeld(ctx context.Context) error {
	l.link = NewLink(l.clock.Now().Add(48*time.Hour), 1, random(200))
	reader := random(16)
	return steps(
		step{"create", func() error { return l.create(ctx) }},
		step{"read", func() error { return l.read(ctx, reader) }},
		step{"quarantine", func() error { return l.quarantine(ctx) }},
		step{"read again under the hold", func() error { return wantHeld(l.read(ctx, reader)) }},
		step{"two hours later", func() error { l.clock.Set(l.clock.Now().Add(2 * time.Hour)); return nil }},
		step{"quarantine again", func() error { return l.quarantine(ctx) }},
		step{"release", func() error { _, err := l.operator.Release(ctx, l.hold, "over"); return err }},
		step{"late delivery", func() error { return l.quarantine(ctx) }},
		step{"patrol", func() error { _, err := l.operator.Patrol(ctx); return err }},
		step{"no copies are left", func() error { return l.wantReleased(ctx) }},
		step{"receipt", func() error { return l.wantReceipt(ctx) }},
		step{"read after the release", func() error { return l.read(ctx, reader) }},
		step{"ack", func() error { return l.ack(ctx, reader) }},
		step{"read after its ack", func() error { return wantGone(l.read(ctx, reader), secret.ReasonRead) }},
	)
}

func (l *life) create(ctx context.Context) error {
	_, err := l.service.Create(ctx, l.link.Draft)
	return err
}

func (l *life) read(ctx context.Context, key []byte) error {
	_, err := l.link.read(ctx, l.service, key)
	return err
}

func (l *life) ack(ctx context.Context, key []byte) error {
	return l.service.Ack(ctx, l.link.ID, l.link.Proofs.Access, key)
}

func (l *life) tryWrongClaim(ctx context.Context) error {
	var wrong *secret.WrongClaimError
	_, err := l.service.Read(ctx, l.link.ID, secret.Proofs{Access: l.link.Proofs.Access, Claim: []byte("wrong")}, []byte("key"), Admitted{})
	if !errors.As(err, &wrong) {
		return fmt.Errorf("not refused: %w", err)
	}
	if wrong.TriesLeft != triesMax-1 {
		return fmt.Errorf("one try counted as %d", triesMax-wrong.TriesLeft)
	}
	return nil
}

func (l *life) wantViews(ctx context.Context, views int) error {
	status, err := l.service.Status(ctx, l.link.ID, l.link.Proofs.Access)
	if err == nil && status.Views != views {
		return fmt.Errorf("%d views left, want %d", status.Views, views)
	}
	return err
}

// purge purges after the receipt's retention.
func (l *life) purge(ctx context.Context) error {
	l.clock.Set(l.link.Expires.Add(retention + time.Hour))
	sum, err := l.service.Purge(ctx)
	if err != nil || sum.Behind > 0 || sum.Left > 0 {
		return fmt.Errorf("%w: %+v, %w", secret.ErrUnavailable, sum, err)
	}
	return nil
}

func (l *life) wantNotFound(ctx context.Context) error {
	if _, err := l.service.Status(ctx, l.link.ID, l.link.Proofs.Access); !errors.Is(err, secret.ErrNotFound) {
		return fmt.Errorf("found: %w", err)
	}
	return nil
}

func (l *life) quarantine(ctx context.Context) error {
	o, err := l.operator.Quarantine(ctx, holdOn(l.link.ID, hold.BlockRead), l.operatorKey)
	switch {
	case err != nil:
		return err
	case l.hold != "" && l.hold != o.Hold.ID:
		return errors.New("another hold")
	}
	l.hold = o.Hold.ID
	return nil
}

func (l *life) wantReleased(ctx context.Context) error {
	for shard := range byte(store.Shards) {
		if h, err := l.store.GetHold(ctx, store.ActiveHolds(shard), l.hold); h != nil || err != nil {
			return fmt.Errorf("a copy is left in shard %d: %v, %w", shard, h, err)
		}
	}
	if h, err := l.store.GetHold(ctx, store.PastHolds, l.hold); h == nil || err != nil {
		return fmt.Errorf("not archived: %w", err)
	}
	return nil
}

// wantReceipt checks that the receipt has the hold and its release, once each.
func (l *life) wantReceipt(ctx context.Context) error {
	receipt, err := l.service.Receipt(ctx, l.link.ID, l.link.Proofs.Manage)
	if err != nil {
		return err
	}
	seen := map[string]int{}
	for _, e := range receipt.Events {
		seen[e.Event]++
	}
	if seen["held"] != 1 || seen["released"] != 1 {
		return fmt.Errorf("receipt with %v", seen)
	}
	return nil
}

// wantGone returns an error unless err is a GoneError with the reason.
func wantGone(err error, reason secret.State) error {
	if gone, ok := errors.AsType[*secret.GoneError](err); ok && gone.Reason == reason {
		return nil
	}
	return fmt.Errorf("not gone, %s: %w", reason, err)
}

// wantHeld returns an error unless err is a HeldError.
func wantHeld(err error) error {
	if _, ok := errors.AsType[*secret.HeldError](err); ok {
		return nil
	}
	return fmt.Errorf("not held: %w", err)
}
