package secret

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// Unlock ends a freeze. If the link was used from too many addresses, that is all;
// otherwise it also forgets the wrong claims, which MaxUnlocks unlocks of a secret do.
// The row keeps the key of the last unlock, so that a late duplicate of it changes
// nothing. Errors: ErrNotFound, *GoneError, *FrozenError if no unlock is left,
// ErrUnavailable.
func (s *Service) Unlock(ctx context.Context, id header.ID, manage, key []byte) error {
	return retryErrOnConflict(ctx, s, func() error { return s.unlock(ctx, id, manage, sha256.Sum256(key)) })
}

func (s *Service) unlock(ctx context.Context, id header.ID, manage []byte, key Hash) error {
	v, err := s.load(ctx, id, hasManage(manage))
	switch {
	case err != nil:
		return err
	case v.Unlock == key:
		return nil
	case v.over(v.now) != nil:
		return v.over(v.now)
	}
	if v.Reason != FreezeAddresses && len(v.Tries) > 0 {
		switch {
		case v.Unlocks < MaxUnlocks:
			v.Unlocks++
			v.Tries = nil
		case v.Frozen.IsZero():
			return nil // there is no freeze to end
		default:
			return v.frozen()
		}
	}
	v.Unlock, v.Frozen, v.Reason = key, time.Time{}, ""
	v.log("unlocked", v.now)
	return s.update(ctx, v.Record)
}
