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
	StateFrozen State = "frozen" // until the sender unlocks it
	StateHeld   State = "held"   // a hold blocks reading

	ReasonRead    State = "read" // every view was taken
	ReasonRevoked State = "revoked"
	ReasonExpired State = "expired"
)

// Status is what the holder of a link may know before reading.
type Status struct {
	State  State
	Reason FreezeReason // of a frozen secret; otherwise empty
	Views  int          // views left
	Header header.Header
}

// Status returns what the holder of a link may know. It costs no view. Errors:
// ErrNotFound, *GoneError, ErrUnavailable.
func (s *Service) Status(ctx context.Context, id header.ID, access []byte) (Status, error) {
	v, err := s.load(ctx, id, hasAccess(access))
	if err != nil {
		return Status{}, err
	}
	if gone := v.over(v.now); gone != nil {
		return Status{}, gone
	}
	_, held, err := s.held(ctx, &v, hold.BlockRead)
	if err != nil {
		return Status{}, err
	}
	h, err := header.Parse(v.Header[:])
	if err != nil {
		return Status{}, fmt.Errorf("parse stored header: %w", err)
	}
	state, reason := v.state(held)
	return Status{State: state, Reason: reason, Views: v.Views, Header: h}, nil
}

// state returns the state of a secret that has not ended, and the reason of a freeze.
func (r *Record) state(held bool) (State, FreezeReason) {
	switch {
	case held:
		return StateHeld, ""
	case !r.Frozen.IsZero():
		return StateFrozen, r.frozen().Reason
	}
	return StateLive, ""
}
