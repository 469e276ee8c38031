package secret

import (
	"context"
	"fmt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// State is the state of a secret. If it can no longer be read, that is the reason.
type State string

// The states of a secret.
const (
	StateLive   State = "live"
	StateFrozen State = "frozen" // after too many wrong claims, until the sender unlocks it
	StateHeld   State = "held"   // a hold blocks reading

	ReasonRead    State = "read"    // every view was taken
	ReasonRevoked State = "revoked" // or its key was deleted
	ReasonExpired State = "expired"
)

// Status is what the holder of a link may know before reading.
type Status struct {
	State  State
	Views  int // views left
	Header header.Header
}

// Status returns what the holder of a link may know. It costs no view. Errors:
// ErrNotFound, *GoneError, ErrUnavailable.
func (s *Service) Status(ctx context.Context, id header.ID, access []byte) (Status, error) {
	v, err := s.load(ctx, id, s.store.Peek, hasAccess(access))
	if err != nil {
		return Status{}, err
	}
	if gone := v.over(v.now); gone != nil {
		return Status{}, gone
	}
	if v.holdErr != nil {
		return Status{}, unavailable("look up holds", v.holdErr)
	}
	h, err := header.Parse(v.Header[:])
	if err != nil {
		return Status{}, fmt.Errorf("parse stored header: %w", err)
	}
	return Status{State: v.state(), Views: v.Views, Header: h}, nil
}

// state returns the state of a secret that has not ended.
func (v *snapshot) state() State {
	if _, held := v.held(hold.BlockRead); held {
		return StateHeld
	}
	if !v.Frozen.IsZero() {
		return StateFrozen
	}
	return StateLive
}
