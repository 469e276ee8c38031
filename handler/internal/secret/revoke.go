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
	v, err := s.look(ctx, id, s.store.Peek, p.mayRevoke())
	if err != nil {
		return err
	}
	if answer, is := v.revoked(p); is {
		return answer
	}
	if p.Manage == nil && !v.Claim.proves(p.Claim) {
		return s.refuseClaim(ctx, v.Record, p.Claim, v.now)
	}
	return s.end(ctx, &v, p)
}

func (p *Proofs) mayRevoke() func(*Record) bool {
	if p.Manage != nil {
		return hasManage(p.Manage)
	}
	return hasAccess(p.Access)
}

// revoked returns the answer where the row decides it, whatever the claim.
func (v *sight) revoked(p *Proofs) (answer error, is bool) {
	over := v.over(v.now)
	switch {
	case !v.Revoked.IsZero():
		return nil, true
	case p.Manage != nil:
		return nil, over != nil && !v.leased(v.now)
	case over != nil:
		return over, true
	case !v.Frozen.IsZero():
		return &FrozenError{At: v.Frozen}, true
	}
	return nil, false
}

// end writes the revocation. Where the envelope must stay, a mark lets purge
// find it later, for a minute that is not over before the write is sent.
func (s *Service) end(ctx context.Context, v *sight, p *Proofs) error {
	v.Revoked = v.now
	v.Cleared = v.Cleared || v.mayClear()
	if !v.Cleared {
		due := v.now.Add(leaseTime)
		if err := s.store.AddReminder(ctx, v.ID, due); err != nil {
			return s.unended(ctx, v.ID, p, err)
		}
		if s.now().After(due.Add(-sendMargin)) {
			return errAgain
		}
	}
	if err := s.update(ctx, v.Record); err != nil {
		return err
	}
	s.publish("revoked", v.Record, v.now)
	return nil
}

// unended answers why nothing was revoked. Like a read that took no view it
// looks at the row again, lest a right claim be told from a wrong one.
func (s *Service) unended(ctx context.Context, id ID, p *Proofs, cause error) error {
	v, err := s.look(ctx, id, s.store.Peek, p.mayRevoke())
	if err != nil {
		return err
	}
	if answer, is := v.revoked(p); is {
		return answer
	}
	return unavailable("write mark", cause)
}
