package secret

import "context"

// Revoke ends the secret for everyone, also for a reader in the middle. With
// Manage it succeeds in every state, and what is over stays as it is; with
// Access and Claim it is bound like a read by a stranger's key, but no hold
// stops it. It may be repeated. Errors: ErrNotFound, *GoneError, *FrozenError,
// *WrongClaimError, ErrUnavailable.
func (s *Service) Revoke(ctx context.Context, id ID, p Proofs) error {
	return againError(ctx, s, func() error { return s.revoke(ctx, id, &p) })
}

func (s *Service) revoke(ctx context.Context, id ID, p *Proofs) error {
	proven := hasAccess(p.Access)
	if p.Manage != nil {
		proven = hasManage(p.Manage)
	}
	v, err := s.look(ctx, id, s.Store.Peek, proven)
	if err != nil || !v.Revoked.IsZero() {
		return err
	}
	over := v.over(v.now)
	switch {
	case p.Manage != nil && over != nil && !v.leased(v.now):
		return nil
	case p.Manage != nil:
	case over != nil:
		return over
	case !v.Frozen.IsZero():
		return &FrozenError{At: v.Frozen}
	case !v.Claim.proves(p.Claim):
		return s.refuseClaim(ctx, v.Record, p.Claim, v.now)
	}
	return s.end(ctx, &v)
}

// end writes the revocation. Where the envelope must stay, a mark lets purge
// find it later, for a minute that is not over before the write is sent.
func (s *Service) end(ctx context.Context, v *sight) error {
	v.Revoked = v.now
	v.Cleared = v.Cleared || v.mayClear()
	if !v.Cleared {
		due := v.now.Add(LeaseTime)
		if err := s.Work.Mark(ctx, v.ID, due); err != nil {
			return unavailable("write mark", err)
		}
		if s.Now().After(due.Add(-sendMargin)) {
			return errAgain
		}
	}
	if err := s.update(ctx, v.Record); err != nil {
		return err
	}
	s.publish("revoked", v.Record, v.now)
	return nil
}
