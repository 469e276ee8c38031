package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// everyFault lives through a secret's whole life, once for each call that it
// makes of the store: that call goes wrong, and the client repeats what was not
// answered, with the same key. In the short run each call goes wrong in one way, in the long run in every.
func everyFault(t *testing.T, open func(t testing.TB) Store) {
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
			l := life{clock: &Clock{now: Start.Add(time.Duration(lives) * 100 * time.Hour)}}
			l.service = Service(f, l.clock.Now)
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

// life is a secret with two views, and those who deal with it.
type life struct {
	service *secret.Service
	clock   *Clock
	link    *Link
}

func (l *life) live(ctx context.Context) error {
	l.link = NewLink(l.clock.Now().Add(time.Hour), 2, random(200))
	first, second, third := random(16), random(16), random(16)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"create", func() error { _, err := l.service.Create(ctx, l.link.Draft); return err }},
		{"wrong claim", func() error { return l.tries(ctx) }},
		{"first read", func() error { return l.reads(ctx, first) }},
		{"status", func() error { return l.counts(ctx, 1) }},
		{"first read again", func() error { return l.reads(ctx, first) }},
		{"second read", func() error { return l.reads(ctx, second) }},
		{"third read", func() error { return isGone(l.reads(ctx, third), secret.ReasonRead) }},
		{"first ack", func() error { return l.service.Ack(ctx, l.link.ID, l.link.Proofs.Access, first) }},
		{"read after its ack", func() error { return isGone(l.reads(ctx, first), secret.ReasonRead) }},
		{"second read again", func() error { return l.reads(ctx, second) }},
		{"revoke", func() error {
			return l.service.Revoke(ctx, l.link.ID, secret.Proofs{Manage: l.link.Proofs.Manage})
		}},
		{"read after the revocation", func() error { return isGone(l.reads(ctx, second), secret.ReasonRevoked) }},
		{"purge", func() error { return l.purges(ctx) }},
		{"read after the purge", func() error { return l.notFound(ctx) }},
	} {
		if err := repeat(step.do); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// repeat does what a client does that gets no answer.
func repeat(do func() error) (err error) {
	for range 4 {
		if err = do(); !errors.Is(err, secret.ErrUnavailable) {
			return err
		}
	}
	return err
}

func (l *life) tries(ctx context.Context) error {
	var wrong *secret.WrongClaimError
	_, err := l.service.Read(ctx, l.link.ID, secret.Proofs{Access: l.link.Proofs.Access, Claim: []byte("wrong")}, []byte("key"))
	if !errors.As(err, &wrong) {
		return fmt.Errorf("not refused: %w", err)
	}
	if wrong.TriesLeft != triesMax-1 {
		return fmt.Errorf("one try counted as %d", triesMax-wrong.TriesLeft)
	}
	return nil
}

func (l *life) reads(ctx context.Context, key []byte) error {
	reading, err := l.link.read(ctx, l.service, key)
	if err == nil && !bytes.Equal(reading.Envelope, l.link.Envelope) {
		return errors.New("another envelope came back")
	}
	return err
}

func (l *life) counts(ctx context.Context, views int) error {
	status, err := l.service.Status(ctx, l.link.ID, l.link.Proofs.Access)
	if err == nil && status.Views != views {
		return fmt.Errorf("%d views left, want %d", status.Views, views)
	}
	return err
}

// purges lets the receipt's time pass and purges.
func (l *life) purges(ctx context.Context) error {
	l.clock.Set(l.link.Expires.Add(retention + time.Hour))
	sum, err := l.service.Purge(ctx)
	if err != nil || sum.Behind > 0 || sum.Left > 0 {
		return fmt.Errorf("%w: %+v, %w", secret.ErrUnavailable, sum, err)
	}
	return nil
}

func (l *life) notFound(ctx context.Context) error {
	if _, err := l.service.Status(ctx, l.link.ID, l.link.Proofs.Access); !errors.Is(err, secret.ErrNotFound) {
		return fmt.Errorf("the row stands: %w", err)
	}
	return nil
}

// isGone answers what is wrong with an error that should say that the secret is over.
func isGone(err error, reason secret.Reason) error {
	var gone *secret.GoneError
	if errors.As(err, &gone) && gone.Reason == reason {
		return nil
	}
	return fmt.Errorf("not gone, %s: %w", reason, err)
}
