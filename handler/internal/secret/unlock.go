package secret

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// Unlock ends the freeze and forgets the wrong claims. The row keeps the key of the
// last unlock, so that a late duplicate of it changes nothing. Errors: ErrNotFound,
// *GoneError, ErrUnavailable.
func (s *Service) Unlock(ctx context.Context, id header.ID, manage, key []byte) error {
	return retryErrOnConflict(ctx, s, func() error { return s.unlock(ctx, id, manage, sha256.Sum256(key)) })
}

func (s *Service) unlock(ctx context.Context, id header.ID, manage []byte, key Hash) error {
	v, err := s.load(ctx, id, s.store.Peek, hasManage(manage))
	switch {
	case err != nil:
		return err
	case v.Unlock == key:
		return nil
	case v.over(v.now) != nil:
		return v.over(v.now)
	}
	v.Unlock, v.Frozen, v.Tries = key, time.Time{}, nil
	v.log("unlocked", v.now)
	return s.update(ctx, v.Record)
}
