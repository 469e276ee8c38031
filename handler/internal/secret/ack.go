package secret

import (
	"context"
	"crypto/sha256"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// Ack acknowledges the view that was taken with the key, which ends its lease, and
// deletes the sealed envelope when nothing can be served from it any more. It may be
// repeated, and no hold stops it. Errors: ErrNotFound, *GoneError for a key that
// never took a view, ErrUnavailable.
func (s *Service) Ack(ctx context.Context, id header.ID, access, key []byte) error {
	return retryErrOnConflict(ctx, s, func() error { return s.ack(ctx, id, access, sha256.Sum256(key)) })
}

func (s *Service) ack(ctx context.Context, id header.ID, access []byte, key Hash) error {
	v, err := s.load(ctx, id, hasAccess(access))
	if err != nil {
		return err
	}
	lease := v.lease(key)
	switch {
	case lease == nil && v.over(v.now) != nil:
		return v.over(v.now)
	case lease == nil:
		return &GoneError{}
	case !lease.Acked.IsZero():
		return nil
	}
	lease.Acked = v.now
	// If a hold preserves the envelope, purge finds it by the reminder of the read.
	v.Cleared = v.Cleared || v.clearable(v.now) && s.mayClear(ctx, &v)
	if err := s.update(ctx, v.Record); err != nil {
		return err
	}
	s.publish("acked", v.Record, v.now)
	return nil
}
