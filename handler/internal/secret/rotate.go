package secret

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// graceDisabled is how long a week's key stays disabled, by the vault's own clock, before it is deleted.
const graceDisabled = 7 * 24 * time.Hour

// Rotated is the result of a rotation, in keys of weeks.
type Rotated struct {
	Made, Disabled, Deleted int
}

// Rotate makes the keys of the weeks in which a new secret can expire. It retires
// the keys of weeks whose rows were all purged: it disables them, and deletes them 7
// days later. It may be repeated. Its errors are those of the store and the
// keyring; after one it goes on with the other keys.
func (s *Service) Rotate(ctx context.Context) (Rotated, error) {
	keys, err := s.keyring.Keys(ctx)
	if err != nil {
		return Rotated{}, fmt.Errorf("list keys: %w", err)
	}
	var done Rotated
	err = errors.Join(s.makeKeys(ctx, keys, &done), s.retireKeys(ctx, keys, &done))
	return done, err
}

func (s *Service) makeKeys(ctx context.Context, keys []WeekKey, done *Rotated) error {
	exists := make(map[week.Week]bool, len(keys))
	for _, k := range keys {
		exists[k.Week] = true
	}
	var failed error
	now := s.now()
	for w := week.Of(now); !w.Start().After(now.Add(s.policy.MaxTTL + leeway)); w = w.Next() {
		if exists[w] {
			continue
		}
		if err := s.keyring.Make(ctx, w); err != nil {
			failed = errors.Join(failed, fmt.Errorf("make key of %s: %w", w, err))
			continue
		}
		done.Made++
	}
	return failed
}

func (s *Service) retireKeys(ctx context.Context, keys []WeekKey, done *Rotated) error {
	purged, err := s.purgedBefore(ctx)
	if err != nil {
		return err
	}
	holds, err := s.store.PreservingHolds(ctx)
	if err != nil {
		return fmt.Errorf("look up holds: %w", err)
	}
	now := s.settled()
	var failed error
	for _, k := range keys {
		if k.Week.End().After(purged) || preservesWeek(holds, k.Week, now) {
			continue
		}
		if err := s.retire(ctx, k, now, done); err != nil {
			failed = errors.Join(failed, fmt.Errorf("retire key of %s: %w", k.Week, err))
		}
	}
	return failed
}

func (s *Service) retire(ctx context.Context, k WeekKey, now time.Time, done *Rotated) error {
	retire, count := s.keyring.Disable, &done.Disabled
	if !k.Enabled {
		if now.Before(k.Updated.Add(graceDisabled)) {
			return nil
		}
		retire, count = s.keyring.Delete, &done.Deleted
	}
	if err := retire(ctx, k.Week); err != nil {
		return err
	}
	*count++
	return nil
}

// purgedBefore returns the time before which both passes of purge have left nothing.
func (s *Service) purgedBefore(ctx context.Context) (time.Time, error) {
	first := ^header.Slot(0)
	for _, pass := range []string{rowsPass, envelopesPass} {
		watermark, err := s.store.Watermark(ctx, pass)
		if err != nil {
			return time.Time{}, fmt.Errorf("get watermark of %s: %w", pass, err)
		}
		first = min(first, watermark)
	}
	return first.Start(), nil
}

func preservesWeek(holds []hold.Hold, w week.Week, now time.Time) bool {
	for i := range holds {
		if h := &holds[i]; h.Active(hold.Preserve, now) && mayCover(&h.Scope, w) {
			return true
		}
	}
	return false
}

// mayCover reports whether any secret that expires in the week could lie in the scope.
func mayCover(s *hold.Scope, w week.Week) bool {
	first, last := s.IDs()
	weekFirst, weekLast := (&hold.Scope{Kind: hold.ScopeWeek, Week: w}).IDs()
	return first <= weekLast && last >= weekFirst
}
