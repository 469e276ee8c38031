package quarantine

import (
	"context"
	"errors"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Release lifts a hold. One that is past already stays as it is, with the reason
// that it was released for, and is rid of rows that were left behind. Errors:
// *secret.InvalidError, secret.ErrNotFound, secret.ErrUnavailable; after the last
// the hold may be lifted in part, and repeating completes it.
func (s *Service) Release(ctx context.Context, id, reason string) (Outcome, error) {
	if err := checkReason(reason); err != nil {
		return Outcome{}, err
	}
	if !isHoldID(id) {
		return Outcome{}, secret.ErrNotFound
	}
	past, h, err := s.search(ctx, id)
	switch {
	case err != nil:
		return Outcome{}, err
	case past != nil:
		return s.removed(ctx, past)
	case h == nil:
		return Outcome{}, secret.ErrNotFound
	}
	if now := s.now(); now.Before(h.Until) { // else it has ended by itself
		h.ReleasedAt, h.ReleaseReason = now, reason
	}
	return s.lift(ctx, h)
}

// search fetches the hold from the past ones and from every shard, side by side:
// of one that was cut off while it was set, any may have it.
func (s *Service) search(ctx context.Context, id string) (past, active *hold.Hold, err error) {
	found := make([]*hold.Hold, Shards+1)
	errs := together(len(found), func(i int) (err error) {
		partition := Past
		if i < Shards {
			partition = Active(i)
		}
		found[i], err = s.get(ctx, partition, id)
		return err
	})
	for _, h := range found[:Shards] {
		active = longer(active, h)
	}
	return found[Shards], active, errors.Join(errs...)
}

// longer returns which of two rows of a hold lasts longer: two calls that set
// it at the same time may have given it ends a second apart.
func longer(a, b *hold.Hold) *hold.Hold {
	if a == nil || b != nil && b.Until.After(a.Until) {
		return b
	}
	return a
}

// now returns the time as holds keep it.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Second) }
