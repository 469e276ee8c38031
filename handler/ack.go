package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
)

// ack ends the view that an Idempotency-Key took.
func (s *service) ack(ctx context.Context, r *http.Request) (answer, error) {
	req, err := parseSecretRequest(r, api.HeaderAccess, api.HeaderIdempotency)
	if err != nil {
		return answer{}, err
	}
	return noContent, s.secrets.Ack(ctx, req.id, req.proofs.Access, req.key)
}
