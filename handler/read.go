package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope/header"
)

// admitted is a caller without limits.
type admitted struct{}

func (admitted) Guess(header.ID) error           { return nil }
func (admitted) Load(context.Context, int) error { return nil }

// read takes one view. The same Idempotency-Key gets the same envelope again.
func (s *service) read(ctx context.Context, r *secretRequest) (answer, error) {
	if s.tries.spent(r.client) {
		return answer{}, errRateLimited
	}
	view, err := s.secrets.Read(ctx, r.id, r.proofs, r.key, admitted{})
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, api.Reading{Envelope: view.Envelope, ViewsLeft: view.Views, LeaseEndsAt: api.Time(view.LeaseEnd)}}, nil
}
