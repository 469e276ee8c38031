package secret

import (
	"context"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// Status returns what a holder of the link may know, and costs no view.
// Errors: ErrNotFound, *GoneError, ErrUnavailable.
func (s *Service) Status(ctx context.Context, id ID, access []byte) (Status, error) {
	v, err := s.look(ctx, id, s.store.Peek, hasAccess(access))
	if err != nil {
		return Status{}, err
	}
	if gone := v.over(v.now); gone != nil {
		return Status{}, gone
	}
	if v.holdErr != nil {
		return Status{}, unavailable("look up holds", v.holdErr)
	}
	return Status{State: v.state(), Views: v.Views, Expires: v.Expires, Header: v.Header}, nil
}

// state returns the state of a secret that is not over.
func (v *sight) state() State {
	if _, is := v.held(hold.BlockRead); is {
		return StateHeld
	}
	if !v.Frozen.IsZero() {
		return StateFrozen
	}
	return StateLive
}
