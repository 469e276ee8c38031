package secret

import (
	"context"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// Revoke ends the secret for everyone, including readers with a live lease. No hold
// stops it, and it may be repeated. With Manage it succeeds in every state, and
// changes nothing if the secret was read or has expired. With Access and Claim it
// fails in the states in which a read with a new key fails, and calls the caller's
// Guess. Errors: ErrNotFound, *GoneError, *FrozenError, the caller's Guess,
// *WrongClaimError, ErrUnavailable.
func (s *Service) Revoke(ctx context.Context, id header.ID, p Proofs, caller Caller) error {
	return retryErrOnConflict(ctx, s, func() error { return s.revoke(ctx, id, &p, caller) })
}

func (s *Service) revoke(ctx context.Context, id header.ID, p *Proofs, caller Caller) error {
	v, err := s.load(ctx, id, p.mayRevoke())
	if err != nil {
		return err
	}
	if err, decided := v.decidesRevoke(p); decided {
		return err
	}
	if p.Manage == nil {
		if err := s.proveClaim(ctx, &v, p.Claim, false, caller); err != nil {
			return err
		}
	}
	return s.writeRevoke(ctx, &v, p)
}

// mayRevoke returns the check of the proof that lets a caller know of the row.
func (p *Proofs) mayRevoke() func(*Record) bool {
	if p.Manage != nil {
		return hasManage(p.Manage)
	}
	return hasAccess(p.Access)
}

// decidesRevoke returns the result of a revoke if it does not depend on the claim.
// decided is false if it does.
func (v *snapshot) decidesRevoke(p *Proofs) (answer error, decided bool) {
	over := v.over(v.now)
	switch {
	case !v.Revoked.IsZero():
		return nil, true
	case p.Manage != nil:
		return nil, over != nil && !v.leased(v.now)
	case over != nil:
		return over, true
	case !v.Frozen.IsZero():
		return v.frozen(), true
	}
	return nil, false
}

// writeRevoke writes the revocation. If the envelope must stay, a reminder lets purge
// find it later; its minute must not be over before the write is sent.
func (s *Service) writeRevoke(ctx context.Context, v *snapshot, p *Proofs) error {
	v.Revoked = v.now
	v.Cleared = v.Cleared || s.mayClear(ctx, v)
	if !v.Cleared {
		due := v.now.Add(leaseTime)
		if err := s.store.AddReminder(ctx, v.ID, due); err != nil {
			return s.classifyRevokeFailure(ctx, v.ID, p, err)
		}
		if s.now().After(due.Add(-sendMargin)) {
			return errRetry
		}
	}
	if err := s.update(ctx, v.Record); err != nil {
		return err
	}
	s.publish("revoked", v.Record, v.now)
	return nil
}

// classifyRevokeFailure returns the error for a revocation that was not written. It
// reads the row again, for the same reason as classifyReadFailure.
func (s *Service) classifyRevokeFailure(ctx context.Context, id header.ID, p *Proofs, cause error) error {
	v, err := s.load(ctx, id, p.mayRevoke())
	if err != nil {
		return err
	}
	if err, decided := v.decidesRevoke(p); decided {
		return err
	}
	return unavailable("add reminder", cause)
}
