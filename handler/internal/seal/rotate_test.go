package seal_test

import (
	"context"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/sealtest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// purgedStore is a store without holds that was purged up to a time.
type purgedStore struct {
	secret.Store
	at time.Time
}

func (s *purgedStore) Watermark(context.Context, string) (header.Slot, error) {
	return header.SlotOf(s.at), nil
}

func (*purgedStore) PreservingHolds(context.Context) ([]hold.Hold, error) { return nil, nil }

// A week's key is made ahead, disabled once its week was purged, and deleted seven days after that.
func TestRotationOfAWeekKey(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		now := time.Now()
		purged := &purgedStore{at: now}
		clock := func() time.Time { return now }
		deps := secret.Deps{Store: purged, Keyring: k, Policy: secret.Policy{MaxTTL: 30 * 24 * time.Hour}, Now: clock, Settled: clock}
		s := secret.New(deps)
		rotate := func(want secret.Rotated) {
			t.Helper()
			if got, err := s.Rotate(t.Context()); err != nil || got != want {
				t.Errorf("rotated %+v: %v, want %+v", got, err, want)
			}
		}
		first := week.Of(now)
		made := 0
		for w := first; !w.Start().After(now.Add(30*24*time.Hour + 2*time.Minute)); w = w.Next() {
			made++
		}
		rotate(secret.Rotated{Made: made})
		rotate(secret.Rotated{})
		ref, wrapped := sealtest.Wrap(t, k, first)

		purged.at = first.End() // both passes have purged it
		rotate(secret.Rotated{Disabled: 1})
		sealtest.Unwrap(t, k, ref, wrapped, seal.ErrKeyDisabled)
		rotate(secret.Rotated{})

		now = now.Add(7*24*time.Hour - time.Minute)
		deps.Policy.MaxTTL = 0 // no further keys
		s = secret.New(deps)
		rotate(secret.Rotated{})
		now = now.Add(2 * time.Minute)
		rotate(secret.Rotated{Deleted: 1})
		sealtest.Unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
		rotate(secret.Rotated{})
	})
}
