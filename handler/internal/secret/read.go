package secret

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// Reading is the result of a read: one view.
type Reading struct {
	Envelope []byte    // belongs to the caller
	Views    int       // views left
	LeaseEnd time.Time // UTC; until then the same key gets the same bytes
}

// reader is the caller of one read.
type reader struct {
	proofs Proofs
	key    Hash // of the Idempotency-Key
}

// Read takes one view and returns the envelope. A repeated call with the same key
// returns the same bytes until its lease ends or is acknowledged, and never takes
// another view.
//
// Errors, in the order in which they are checked: ErrNotFound, *GoneError,
// *HeldError, *FrozenError, *WrongClaimError. After ErrUnavailable the caller may
// repeat the call with the same key and loses no view.
func (s *Service) Read(ctx context.Context, id header.ID, p Proofs, key []byte) (Reading, error) {
	c := reader{proofs: p, key: sha256.Sum256(key)}
	return retryOnConflict(ctx, s, func() (Reading, error) { return s.read(ctx, id, &c) })
}

// read makes one attempt. The steps have the numbers of docs/design.md.
func (s *Service) read(ctx context.Context, id header.ID, c *reader) (Reading, error) {
	v, err := s.load(ctx, id, s.store.Get, hasAccess(c.proofs.Access)) // 1
	if err != nil {
		return Reading{}, err
	}
	lease := v.lease(c.key)
	live := lease.live(v.now) && v.Revoked.IsZero()
	if gone := v.over(v.now); gone != nil && !live { // 2
		return Reading{}, gone
	}
	if v.holdErr != nil {
		return Reading{}, s.refuse(ctx, &v, lease, v.now, unavailable("look up holds", v.holdErr))
	}
	if until, held := v.held(hold.BlockRead); held { // 3
		return Reading{}, s.refuse(ctx, &v, lease, until, &HeldError{Until: until})
	}
	right := v.Claim.proves(c.proofs.Claim)
	if live && right { // 4
		return s.readAgain(ctx, &v, lease)
	}
	if lease != nil && !live { // 5
		return Reading{}, &GoneError{Reason: ReasonRead, At: lease.Taken}
	}
	if !v.Frozen.IsZero() { // 6
		return Reading{}, &FrozenError{At: v.Frozen}
	}
	if !right { // 7
		return Reading{}, s.refuseClaim(ctx, v.Record, c.proofs.Claim, v.now)
	}
	return s.takeView(ctx, &v, c)
}

// refuse returns why. It first renews a live lease to at least leaseTime after the
// given time, so that the refusal costs no view.
func (s *Service) refuse(ctx context.Context, v *snapshot, lease *Lease, after time.Time, why error) error {
	end := after.Add(leaseTime)
	if !lease.live(v.now) || !lease.End.Before(end) {
		return why
	}
	lease.End = end
	if err := s.update(ctx, v.Record); err != nil {
		return err
	}
	return why
}

// refuseClaim writes a wrong claim to the row and returns the error for it. A claim
// that was tried before needs no write, and the last one that the policy allows
// freezes the secret.
func (s *Service) refuseClaim(ctx context.Context, r *Record, claim []byte, now time.Time) error {
	try := tryOf(claim)
	if !r.tried(try) {
		r.Tries = append(r.Tries, try)
		r.log("refused", now)
		if len(r.Tries) >= s.policy.Tries {
			r.Frozen = now
			r.log("frozen", now)
		}
		if err := s.update(ctx, r); err != nil {
			return err
		}
		if !r.Frozen.IsZero() {
			s.publish("frozen", r, now)
		}
	}
	return &WrongClaimError{TriesLeft: max(0, s.policy.Tries-len(r.Tries))}
}

// readAgain returns the same bytes to the holder of a live lease.
func (s *Service) readAgain(ctx context.Context, v *snapshot, lease *Lease) (Reading, error) {
	if v.Cleared {
		return Reading{}, &GoneError{Reason: ReasonRead, At: lease.Taken}
	}
	envelope, err := s.sealer.Open(ctx, &v.Sealed, v.associated())
	switch {
	case errors.Is(err, ErrKeyGone):
		return Reading{}, &GoneError{Reason: ReasonRevoked}
	case err != nil:
		return Reading{}, s.refuse(ctx, v, lease, s.now(), unavailable("open envelope", err))
	}
	return Reading{Envelope: envelope, Views: v.Views, LeaseEnd: lease.End}, nil
}

// takeView takes one view: steps 8 to 10.
func (s *Service) takeView(ctx context.Context, v *snapshot, c *reader) (Reading, error) {
	end := v.now.Add(leaseTime)
	var envelope []byte
	var openErr, reminderErr error
	parallel(
		func() { envelope, openErr = s.sealer.Open(ctx, &v.Sealed, v.associated()) },
		func() { reminderErr = s.store.AddReminder(ctx, v.ID, end) },
	)
	if err := errors.Join(openErr, reminderErr); err != nil {
		return Reading{}, s.classifyReadFailure(ctx, v.ID, c, err)
	}
	taken := s.now()
	if taken.After(end.Add(-sendMargin)) {
		return Reading{}, errRetry
	}
	v.Views--
	v.Leases = append(v.Leases, Lease{Key: c.key, Taken: taken, End: end})
	if err := s.update(ctx, v.Record); err != nil {
		return Reading{}, err // if the write took effect after all, the next attempt finds the lease
	}
	s.publish("read", v.Record, taken)
	return Reading{Envelope: envelope, Views: v.Views, LeaseEnd: end}, nil
}

// classifyReadFailure returns the error for a view that could not be taken. It reads
// the row again: if the secret froze or ended meanwhile, a right claim must get the
// same answer as a wrong one.
func (s *Service) classifyReadFailure(ctx context.Context, id header.ID, c *reader, cause error) error {
	v, err := s.load(ctx, id, s.store.Peek, hasAccess(c.proofs.Access))
	switch {
	case err != nil:
		return err
	case v.lease(c.key).live(v.now):
		return errRetry // a duplicate of this call took the view
	case v.over(v.now) != nil:
		return v.over(v.now)
	case !v.Frozen.IsZero():
		return &FrozenError{At: v.Frozen}
	case errors.Is(cause, ErrKeyGone):
		return &GoneError{Reason: ReasonRevoked}
	}
	return unavailable("open envelope or add reminder", cause)
}
