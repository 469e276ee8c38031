package quarantine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	maxReason = 500               // bytes
	leeway    = 120 * time.Second // for the operator's clock, which may differ from ours
)

// Request describes a hold to place. Its scope and times need not be in any canonical form.
type Request struct {
	Scope  hold.Scope
	Modes  []hold.Mode
	Until  time.Time // zero for the length of the policy, from now
	Reason string
	Source string // empty for hold.SourceOperator
}

// Quarantine places the hold of a request. Requests with the same key (an
// Idempotency-Key; nil for none) concern the same hold, even after it was archived.
// When Quarantine returns without an error, the hold applies to every call of the
// API that begins later. Errors: *secret.InvalidError; secret.ErrConflict: the key
// was used for another request; secret.ErrUnavailable: the hold may be placed in
// part, and a repeated call completes that.
func (s *Service) Quarantine(ctx context.Context, r Request, key []byte) (Outcome, error) {
	now := s.now()
	h, err := r.hold(now)
	if err != nil {
		return Outcome{}, err
	}
	if h.ID, err = s.newID(key); err != nil {
		return Outcome{}, err
	}
	if r.Until.IsZero() {
		h.Until = now.Add(s.Policy.Hold)
	}
	return s.place(ctx, h, func(placed *hold.Hold) error {
		switch {
		case placed != nil && (!same(placed, &h) || !r.Until.IsZero() && !placed.Until.Equal(h.Until)):
			return secret.ErrConflict
		case placed != nil: // its end may be over
			return nil
		case !h.Until.After(now):
			return &secret.InvalidError{Field: "until", Reason: "must be in the future"}
		case h.Until.After(now.Add(s.Policy.HoldMax + leeway)):
			return &secret.InvalidError{Field: "until", Reason: fmt.Sprintf("must be at most %s ahead", s.Policy.HoldMax)}
		}
		return nil
	})
}

// hold returns the hold in its canonical form, without an ID.
func (r *Request) hold(now time.Time) (hold.Hold, error) {
	h := hold.Hold{
		Scope: r.Scope, Modes: slices.Clone(r.Modes), Until: r.Until.UTC().Truncate(time.Second),
		Reason: r.Reason, Source: r.Source, CreatedAt: now,
	}
	if h.Source == "" {
		h.Source = hold.SourceOperator
	}
	if err := checkScope(&h.Scope); err != nil {
		return h, err
	}
	slices.Sort(h.Modes)
	if err := checkModes(h.Modes); err != nil {
		return h, err
	}
	return h, checkLine("reason", h.Reason, maxReason)
}

// same reports whether two holds differ in their IDs and times only.
func same(a, b *hold.Hold) bool {
	return a.Scope == b.Scope && slices.Equal(a.Modes, b.Modes) && a.Reason == b.Reason && a.Source == b.Source
}

// checkModes checks sorted modes.
func checkModes(modes []hold.Mode) error {
	unknown := func(m hold.Mode) bool { return m != hold.BlockRead && m != hold.BlockCreate && m != hold.Preserve }
	switch {
	case len(modes) == 0:
		return &secret.InvalidError{Field: "modes", Reason: "is missing"}
	case slices.ContainsFunc(modes, unknown):
		return &secret.InvalidError{Field: "modes", Reason: "must be block-read, block-create or preserve"}
	case len(slices.Compact(slices.Clone(modes))) < len(modes):
		return &secret.InvalidError{Field: "modes", Reason: "has a duplicate"}
	}
	return nil
}

// checkLine checks that a field is one line of text, of at most so many bytes.
func checkLine(field, text string, most int) error {
	switch {
	case strings.TrimSpace(text) == "":
		return &secret.InvalidError{Field: field, Reason: "is missing"}
	case len(text) > most:
		return &secret.InvalidError{Field: field, Reason: fmt.Sprintf("must be at most %d bytes", most)}
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return &secret.InvalidError{Field: field, Reason: "must be one line of text"}
	}
	return nil
}

// newID returns the ID that belongs to the key, or a random one.
func (s *Service) newID(key []byte) (string, error) {
	if key != nil {
		return holdID("key", string(key)), nil
	}
	random := make([]byte, 16)
	if _, err := io.ReadFull(s.Random, random); err != nil {
		return "", fmt.Errorf("make hold id: %w", err)
	}
	return hex.EncodeToString(random), nil
}

// holdID returns 16 bytes of a hash in hex. IDs of different kinds never collide.
func holdID(kind, of string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + of))
	return hex.EncodeToString(sum[:16])
}

// holdIDForm is the form of the IDs of all holds.
var holdIDForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// checkScope is hold.Scope.Check with a *secret.InvalidError.
func checkScope(s *hold.Scope) error {
	err := s.Check()
	if wrong := (*hold.FieldError)(nil); errors.As(err, &wrong) {
		return &secret.InvalidError{Field: "scope." + wrong.Field, Reason: wrong.Reason}
	}
	return err
}
