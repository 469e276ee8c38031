package secret

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// Reading is the result of a read: one view.
type Reading struct {
	Envelope []byte    // belongs to the caller
	Views    int       // views left
	LeaseEnd time.Time // UTC; until then the same key gets the same bytes
	Repeated bool      // an earlier call took this view
}

// reader is the caller of one read, and what its attempts share.
type reader struct {
	Caller
	proofs Proofs
	key    Hash // of the Idempotency-Key

	loaded   bool // Load was called
	refused  error
	envelope []byte    // once it was opened
	digest   Hash      // of the row that the envelope was opened from
	reminded time.Time // the minute of the last reminder
}

// Read takes one view and returns the envelope. A repeated call with the same key
// returns the same bytes until its lease ends or is acknowledged, and never takes
// another view.
//
// Errors, in the order in which they are checked: ErrNotFound, *GoneError,
// *HeldError, *FrozenError, the caller's Guess, *WrongClaimError, the caller's Load.
// After ErrUnavailable or an error of Load the caller may repeat the call with the
// same key and loses no view.
func (s *Service) Read(ctx context.Context, id header.ID, p Proofs, key []byte, caller Caller) (Reading, error) {
	c := reader{Caller: caller, proofs: p, key: sha256.Sum256(key)}
	return retryOnConflict(ctx, s, func() (Reading, error) { return s.read(ctx, id, &c) })
}

// read makes one attempt. The steps have the numbers of docs/design.md.
func (s *Service) read(ctx context.Context, id header.ID, c *reader) (Reading, error) {
	v, err := s.load(ctx, id, hasAccess(c.proofs.Access)) // 1
	if err != nil {
		return Reading{}, err
	}
	lease := v.lease(c.key)
	live := lease.live(v.now) && v.Revoked.IsZero()
	if gone := v.over(v.now); gone != nil && !live { // 2
		return Reading{}, gone
	}
	until, held, err := s.held(ctx, &v, hold.BlockRead) // 3
	switch {
	case err != nil:
		return Reading{}, s.refuse(ctx, &v, lease, v.now, err)
	case held:
		return Reading{}, s.refuse(ctx, &v, lease, until, &HeldError{Until: until})
	case live && v.Claim.proves(c.proofs.Claim): // 4
		return s.readAgain(ctx, &v, lease, c)
	case lease != nil && !live: // 5
		return Reading{}, &GoneError{Reason: ReasonRead, At: lease.Taken}
	case !v.Frozen.IsZero(): // 6
		return Reading{}, v.frozen()
	}
	if err := s.proveClaim(ctx, &v, c.proofs.Claim, live, c); err != nil { // 7
		return Reading{}, err
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
	lease.End = end.Add(renewMargin)
	if err := s.update(ctx, v.Record); err != nil {
		return err
	}
	return why
}

// proveClaim returns nil for the right claim, unless the caller may not guess. The
// holder of a live lease does not guess.
func (s *Service) proveClaim(ctx context.Context, v *snapshot, claim []byte, live bool, caller Caller) error {
	if !live && v.passphrase() {
		if err := caller.Guess(v.ID); err != nil {
			return err
		}
	}
	if !v.Claim.proves(claim) {
		return s.refuseClaim(ctx, v.Record, claim, v.now)
	}
	return nil
}

// refuseClaim writes a wrong claim to the row and returns the error for it. A claim
// that was tried before needs no write, and the last one that the policy allows
// freezes the secret.
func (s *Service) refuseClaim(ctx context.Context, r *Record, claim []byte, now time.Time) error {
	try := tryOf(claim)
	repeated := r.tried(try)
	if !repeated {
		r.Tries = append(r.Tries, try)
		r.log("refused", now)
		if len(r.Tries) >= s.policy.Tries {
			r.Frozen, r.Reason = now, FreezePassphrase
			r.log("frozen", now)
		}
		if err := s.update(ctx, r); err != nil {
			return err
		}
		if !r.Frozen.IsZero() {
			s.publish("frozen", r, now)
		}
	}
	return &WrongClaimError{TriesLeft: max(0, s.policy.Tries-len(r.Tries)), New: !repeated}
}

// readAgain returns the same bytes to the holder of a live lease.
func (s *Service) readAgain(ctx context.Context, v *snapshot, lease *Lease, c *reader) (Reading, error) {
	if v.Cleared {
		return Reading{}, &GoneError{Reason: ReasonRead, At: lease.Taken}
	}
	err := s.admit(ctx, v, c)
	if err == nil {
		err = s.open(ctx, v, c)
	}
	switch {
	case errors.Is(err, errRetry):
		return Reading{}, err
	case err != nil:
		return Reading{}, s.refuse(ctx, v, lease, s.now(), err)
	}
	return Reading{Envelope: c.envelope, Views: v.Views, LeaseEnd: lease.End, Repeated: true}, nil
}

// takeView takes one view: steps 8 to 11.
func (s *Service) takeView(ctx context.Context, v *snapshot, c *reader) (Reading, error) {
	if err := s.admit(ctx, v, c); err != nil { // 8
		return Reading{}, s.classifyReadFailure(ctx, v.ID, c, err)
	}
	end := v.now.Add(leaseTime)
	var openErr, reminderErr error
	parallel( // 9
		func() { openErr = s.open(ctx, v, c) },
		func() { reminderErr = s.remind(ctx, v.ID, end, c) },
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
	if err := s.update(ctx, v.Record); err != nil { // 10
		return Reading{}, err // if the write took effect after all, the next attempt finds the lease
	}
	s.publish("read", v.Record, taken)
	return Reading{Envelope: c.envelope, Views: v.Views, LeaseEnd: end}, nil
}

// admit asks the caller for the load of the envelope, once in a call.
func (s *Service) admit(ctx context.Context, v *snapshot, c *reader) error {
	if !c.loaded {
		c.loaded, c.refused = true, c.Load(ctx, cmp.Or(v.Sealed.Size, s.policy.MaxEnvelope))
	}
	return c.refused
}

// open gets and opens the envelope of the row. The attempts of a call do so once for
// the same envelope, which the digest of the row identifies.
func (s *Service) open(ctx context.Context, v *snapshot, c *reader) error {
	if c.envelope != nil && c.digest == v.Digest {
		return nil
	}
	r, err := s.store.Get(ctx, v.ID)
	switch {
	case errors.Is(err, ErrNotFound):
		return errRetry
	case err != nil:
		return unavailable("get envelope", err)
	case r.Digest != v.Digest, r.Cleared:
		return errRetry
	}
	envelope, err := s.sealer.Open(ctx, &r.Sealed, v.associated())
	if err != nil {
		return unavailable("open envelope", err)
	}
	c.envelope, c.digest = envelope, v.Digest
	return nil
}

// remind adds a reminder for the minute of a lease's end, unless an earlier attempt of
// the call has added it.
func (s *Service) remind(ctx context.Context, id header.ID, end time.Time, c *reader) error {
	minute := end.Truncate(time.Minute)
	if c.reminded.Equal(minute) {
		return nil
	}
	if err := s.store.AddReminder(ctx, id, end); err != nil {
		return unavailable("add reminder", err)
	}
	c.reminded = minute
	return nil
}

// classifyReadFailure returns the error for a view that could not be taken. It reads
// the row again: if the secret froze or ended meanwhile, a right claim must get the
// same answer as a wrong one.
func (s *Service) classifyReadFailure(ctx context.Context, id header.ID, c *reader, cause error) error {
	v, err := s.load(ctx, id, hasAccess(c.proofs.Access))
	switch {
	case err != nil:
		return err
	case v.lease(c.key).live(v.now):
		return errRetry // a duplicate of this call took the view
	case v.over(v.now) != nil:
		return v.over(v.now)
	case !v.Frozen.IsZero():
		return v.frozen()
	}
	return fmt.Errorf("take view: %w", cause)
}
