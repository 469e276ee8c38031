package secret

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// insertDeadline bounds the sending of an insert. One that lands later could miss
// the tombstone that makes create idempotent.
const insertDeadline = 60 * time.Second

// Draft is a secret that a sender wants to create. Only [NewDraft] makes one.
type Draft struct {
	header                header.Header
	envelope              []byte
	access, claim, manage Hash
}

// NewDraft checks that the envelope has a valid header and a possible length, and
// returns a draft of it with the hashes of its proofs. It keeps the envelope, which
// must not change any more. Its errors are *[InvalidError], with the field names of
// header.FieldError.
func NewDraft(envelope []byte, access, claim, manage Hash) (Draft, error) {
	parsed, err := header.Parse(envelope)
	if err == nil {
		err = header.CheckSize(int64(len(envelope)))
	}
	if field, ok := errors.AsType[*header.FieldError](err); ok {
		return Draft{}, &InvalidError{field.Field, field.Reason}
	}
	return Draft{parsed, envelope, access, claim, manage}, err
}

// Header returns the header of the draft's envelope.
func (d *Draft) Header() header.Header { return d.header }

// Size returns the length of the draft's envelope in bytes.
func (d *Draft) Size() int { return len(d.envelope) }

// leeway is added to the limits of the expiry, for clocks that differ and for retries.
const leeway = 120 * time.Second

// Create seals the draft's envelope and stores it. created is false when the same
// draft was created before: then nothing changes, even after it was read. Errors:
// *InvalidError, ErrTooLarge, *HeldError, ErrConflict, ErrFull, ErrUnavailable.
func (s *Service) Create(ctx context.Context, d Draft) (created bool, err error) {
	now := s.now()
	if err := s.policy.check(&d, now); err != nil {
		return false, err
	}
	holds, err := s.store.ActiveHolds(ctx, d.header.ID)
	if err != nil {
		return false, unavailable("look up holds", err)
	}
	r := d.record(now)
	if err := r.mayBeCreated(holds); err != nil {
		return false, err
	}
	if r.Sealed, err = s.sealer.Seal(ctx, week.Of(d.header.Expires), d.envelope, r.associated()); err != nil {
		return false, unavailable("seal envelope", err)
	}
	r.Sealed.Size = len(r.Sealed.Envelope)
	if err := r.mayBeCreated(holds); err != nil { // a hold may be on the key, which is known only now
		return false, err
	}
	return s.insert(ctx, r)
}

// mayBeCreated returns a *HeldError if a hold stops the record from being created.
func (r *Record) mayBeCreated(holds []hold.Hold) error {
	if until, held := activeHold(holds, r, hold.BlockCreate, r.Created); held {
		return &HeldError{Until: until}
	}
	return nil
}

func (s *Service) insert(ctx context.Context, r *Record) (created bool, err error) {
	sending, cancel := context.WithTimeout(ctx, insertDeadline)
	defer cancel()
	err = s.store.Insert(sending, r)
	switch {
	case err == nil:
		s.publish("created", r, r.Created)
		return true, nil
	case errors.Is(err, ErrExists):
		return false, s.checkSame(ctx, r)
	case errors.Is(err, ErrFull):
		return false, fmt.Errorf("insert row: %w", err)
	}
	return false, unavailable("insert row", err)
}

// checkSame returns nil when the existing row was made from the same draft.
func (s *Service) checkSame(ctx context.Context, r *Record) error {
	old, err := s.store.Peek(ctx, r.ID)
	if err != nil {
		return unavailable("get row", err)
	}
	if old.Digest != r.Digest {
		return ErrConflict
	}
	return nil
}

// check returns the first rule of the policy that the draft breaks. It never clamps.
func (p *Policy) check(d *Draft, now time.Time) error {
	ttl := d.header.Expires.Sub(now)
	switch {
	case len(d.envelope) > p.MaxEnvelope:
		return ErrTooLarge
	case ttl <= 0, ttl < p.MinTTL-leeway:
		return &InvalidError{"expiry", fmt.Sprintf("must be at least %s ahead", p.MinTTL)}
	case ttl > p.MaxTTL+leeway:
		return &InvalidError{"expiry", fmt.Sprintf("must be at most %s ahead", p.MaxTTL)}
	case d.header.Views > p.MaxViews:
		return &InvalidError{"views", fmt.Sprintf("must be 1 to %d", p.MaxViews)}
	case p.RequirePassphrase && !d.header.Passphrase:
		return &InvalidError{"flags", "must require a passphrase"}
	}
	return nil
}

func (d *Draft) record(now time.Time) *Record {
	r := &Record{
		ID: d.header.ID, Header: d.header.Bytes(), Access: d.access, Claim: d.claim, Manage: d.manage,
		Created: now, Expires: d.header.Expires, Views: d.header.Views,
	}
	sum := sha256.New()
	for _, part := range [][]byte{d.envelope, r.Access[:], r.Claim[:], r.Manage[:]} {
		sum.Write(part)
	}
	sum.Sum(r.Digest[:0])
	return r
}

// associated returns the associated data of a sealed envelope: id ‖ header ‖ the three hashes.
func (r *Record) associated() []byte {
	b := make([]byte, 0, len(r.ID)+len(r.Header)+3*len(r.Access))
	for _, part := range [][]byte{r.ID[:], r.Header[:], r.Access[:], r.Claim[:], r.Manage[:]} {
		b = append(b, part...)
	}
	return b
}
