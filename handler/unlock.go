package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
)

// unlock lifts a freeze and clears the wrong claims.
func (s *service) unlock(ctx context.Context, r *http.Request) (answer, error) {
	req, err := parseSecretRequest(r, api.HeaderManage, api.HeaderIdempotency)
	if err != nil {
		return answer{}, err
	}
	return noContent, s.secrets.Unlock(ctx, req.id, req.proofs.Manage, req.key)
}
