package secret

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// reader is one call to read.
type reader struct {
	proofs Proofs
	key    Hash // of the Idempotency-Key
}

// Read takes one view and returns the envelope. The same key gets the same
// bytes again until its lease ends or is acknowledged, and never another view.
// Errors, in the order in which they are looked for: ErrNotFound, *GoneError,
// *HeldError, *FrozenError, *WrongClaimError; ErrUnavailable takes no view from
// whoever repeats the call with the same key.
func (s *Service) Read(ctx context.Context, id ID, p Proofs, key []byte) (Reading, error) {
	c := reader{proofs: p, key: sha256.Sum256(key)}
	return again(ctx, s, func() (Reading, error) { return s.read(ctx, id, &c) })
}

// read decides once. Its steps are numbered as in docs/design.md.
func (s *Service) read(ctx context.Context, id ID, c *reader) (Reading, error) {
	v, err := s.look(ctx, id, s.store.Get, hasAccess(c.proofs.Access)) // 1
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
	if until, is := v.held(hold.BlockRead); is { // 3
		return Reading{}, s.refuse(ctx, &v, lease, until, &HeldError{Until: until})
	}
	right := v.Claim.proves(c.proofs.Claim)
	if live && right { // 4
		return s.repeat(ctx, &v, lease)
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
	return s.take(ctx, &v, c)
}

// refuse answers why, once the caller's live lease is known to last until
// leaseTime after the given time, so that a refusal costs nobody a view.
func (s *Service) refuse(ctx context.Context, v *sight, lease *Lease, after time.Time, why error) error {
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

// refuseClaim answers a wrong claim once it is on record: a repeat without
// another write, the last one that the policy allows with the freeze.
func (s *Service) refuseClaim(ctx context.Context, r *Record, claim []byte, now time.Time) error {
	sum := sha256.Sum256(claim)
	try := Try(sum[:len(Try{})])
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

// repeat serves the holder of a live lease again.
func (s *Service) repeat(ctx context.Context, v *sight, lease *Lease) (Reading, error) {
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

// take takes one view, steps 8 to 10.
func (s *Service) take(ctx context.Context, v *sight, c *reader) (Reading, error) {
	end := v.now.Add(leaseTime)
	var envelope []byte
	var openErr, markErr error
	together(
		func() { envelope, openErr = s.sealer.Open(ctx, &v.Sealed, v.associated()) },
		func() { markErr = s.store.AddReminder(ctx, v.ID, end) },
	)
	if err := errors.Join(openErr, markErr); err != nil {
		return Reading{}, s.untaken(ctx, v.ID, c, err)
	}
	taken := s.now()
	if taken.After(end.Add(-sendMargin)) {
		return Reading{}, errAgain
	}
	v.Views--
	v.Leases = append(v.Leases, Lease{Key: c.key, Taken: taken, End: end})
	if err := s.update(ctx, v.Record); err != nil {
		return Reading{}, err // if the view was taken after all, the lease is there to be served
	}
	s.publish("read", v.Record, taken)
	return Reading{Envelope: envelope, Views: v.Views, LeaseEnd: end}, nil
}

// untaken answers why no view could be taken. It reads the row again, for the
// answer to a right claim must not differ from the one to a wrong claim where
// the secret froze or ended in between.
func (s *Service) untaken(ctx context.Context, id ID, c *reader, cause error) error {
	v, err := s.look(ctx, id, s.store.Peek, hasAccess(c.proofs.Access))
	switch {
	case err != nil:
		return err
	case v.lease(c.key).live(v.now):
		return errAgain // a duplicate of this call took the view
	case v.over(v.now) != nil:
		return v.over(v.now)
	case !v.Frozen.IsZero():
		return &FrozenError{At: v.Frozen}
	case errors.Is(cause, ErrKeyGone):
		return &GoneError{Reason: ReasonRevoked}
	}
	return unavailable("open envelope or write mark", cause)
}
