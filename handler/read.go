package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
)

// read takes one view. The same Idempotency-Key gets the same envelope again.
func (s *service) read(ctx context.Context, r *http.Request) (answer, error) {
	req, err := parseSecretRequest(r, api.HeaderAccess, api.HeaderClaim, api.HeaderIdempotency)
	if err != nil {
		return answer{}, err
	}
	if s.tries.spent(clientIP(s.cfg, r)) {
		return answer{}, errRateLimited
	}
	view, err := s.secrets.Read(ctx, req.id, req.proofs, req.key)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, api.Reading{Envelope: view.Envelope, ViewsLeft: view.Views, LeaseEndsAt: api.Time(view.LeaseEnd)}}, nil
}
