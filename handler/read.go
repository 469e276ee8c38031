package main

import (
	"context"
	"crypto/sha256"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
)

// read takes one view. The same Idempotency-Key gets the same envelope again.
func (s *service) read(ctx context.Context, r *secretRequest) (answer, error) {
	r.caller.lease = lease{r.id, sha256.Sum256(r.key)}
	if s.limits.repeats.full(r.caller.lease) {
		return answer{}, &rateError{leaseTime}
	}
	view, err := s.secrets.Read(ctx, r.id, r.proofs, r.key, r.caller)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, &api.Reading{Envelope: view.Envelope, ViewsLeft: view.Views, LeaseEndsAt: api.Time(view.LeaseEnd)}}, nil
}
