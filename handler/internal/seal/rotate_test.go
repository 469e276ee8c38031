package seal_test

import (
	"context"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/seal/sealtest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// watermarks returns the same watermark for every pass.
type watermarks struct{ at time.Time }

func (m *watermarks) Watermark(context.Context, string) (secret.Slot, error) {
	return secret.SlotOf(m.at), nil
}
func (m *watermarks) SetWatermark(context.Context, string, secret.Slot) error { return nil }

type noHolds struct{}

func (noHolds) ActiveHolds(context.Context, secret.ID) ([]hold.Hold, error) { return nil, nil }
func (noHolds) PastHolds(context.Context) ([]hold.Hold, error)              { return nil, nil }

// A week's key is made ahead, disabled once its week was purged, and deleted seven days after that.
func TestRotationOfAWeekKey(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		now := time.Now()
		purged := &watermarks{at: now}
		s := secret.Service{
			Keyring: k, Holds: noHolds{}, Watermarks: purged, Policy: secret.Policy{MaxTTL: 30 * 24 * time.Hour},
			Now: func() time.Time { return now }, Settled: func() time.Time { return now },
		}
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
		sealtest.Unwrap(t, k, ref, wrapped, secret.ErrKeyDisabled)
		rotate(secret.Rotated{})

		now = now.Add(7*24*time.Hour - time.Minute)
		s.Policy.MaxTTL = 0 // no further keys
		rotate(secret.Rotated{})
		now = now.Add(2 * time.Minute)
		rotate(secret.Rotated{Deleted: 1})
		sealtest.Unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
		rotate(secret.Rotated{})
	})
}
