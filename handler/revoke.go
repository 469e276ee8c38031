package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// revoke ends a secret for everyone, by Secret-Manage, or by Secret-Access and Secret-Claim.
func (a *api) revoke(ctx context.Context, r *http.Request) (answer, error) {
	id, err := pathID(r)
	if err != nil {
		return answer{}, err
	}
	var p secret.Proofs
	if p.Manage, err = proof(r, "Secret-Manage", true); err != nil {
		return answer{}, err
	}
	byLink := p.Manage == nil
	if p.Access, err = proof(r, "Secret-Access", !byLink); err != nil {
		return answer{}, err
	}
	if p.Claim, err = proof(r, "Secret-Claim", !byLink); err != nil {
		return answer{}, err
	}
	revoke := func() (answer, error) {
		return answer{status: http.StatusNoContent}, a.service.Revoke(ctx, id, p)
	}
	if !byLink {
		return revoke() // no claim, so nothing to guess
	}
	return a.guess(r, revoke)
}
