package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
)

// read takes one view. The same Idempotency-Key gets the same envelope again.
func (s *service) read(ctx context.Context, r *secretRequest) (answer, error) {
	if s.tries.spent(r.client) {
		return answer{}, errRateLimited
	}
	view, err := s.secrets.Read(ctx, r.id, r.proofs, r.key)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, api.Reading{Envelope: view.Envelope, ViewsLeft: view.Views, LeaseEndsAt: api.Time(view.LeaseEnd)}}, nil
}
