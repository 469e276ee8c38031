package secret

import (
	"context"
	"slices"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// Freeze freezes a secret whose link was used from too many addresses. since is the
// time of the oldest use that counted. It changes nothing, and frozen is false, if
// the secret is over or frozen already, or was unlocked since: its sender knew of
// those uses. It needs no proof: no client may cause it for a row whose link it does
// not have. Errors: ErrNotFound, ErrUnavailable.
func (s *Service) Freeze(ctx context.Context, id header.ID, since time.Time) (frozen bool, err error) {
	return retryOnConflict(ctx, s, func() (bool, error) { return s.freeze(ctx, id, since) })
}

func (s *Service) freeze(ctx context.Context, id header.ID, since time.Time) (frozen bool, err error) {
	v, err := s.load(ctx, id, func(*Record) bool { return true })
	if err != nil {
		return false, err
	}
	if v.over(v.now) != nil || !v.Frozen.IsZero() || v.unlockedSince(since) {
		return false, nil
	}
	v.Frozen, v.Reason = v.now, FreezeAddresses
	v.log("frozen", v.now)
	if err := s.update(ctx, v.Record); err != nil {
		return false, err
	}
	s.publish("frozen", v.Record, v.now)
	return true, nil
}

// unlockedSince reports whether the secret was unlocked at t or later.
func (r *Record) unlockedSince(t time.Time) bool {
	return slices.ContainsFunc(r.Log, func(e Entry) bool { return e.Event == "unlocked" && !e.At.Before(t) })
}
