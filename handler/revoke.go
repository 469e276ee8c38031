package main

import (
	"context"
	"net/http"
	"slices"

	"github.com/secretsharer/secretsharer/api"
)

// revoke ends a secret for everyone, by Secret-Manage, or by Secret-Access and Secret-Claim.
func (s *service) revoke(ctx context.Context, r *secretRequest) (answer, error) {
	return noContent, s.secrets.Revoke(ctx, r.id, r.proofs, r.caller)
}

// revokeFunction is revoke by the proofs that the request has. With Secret-Manage the
// others are not needed, but must be valid.
func (s *service) revokeFunction(ctx context.Context, r *http.Request) (answer, error) {
	headers := []string{api.HeaderAccess, api.HeaderClaim}
	if len(r.Header.Values(api.HeaderManage)) > 0 {
		missing := func(name string) bool { return len(r.Header.Values(name)) == 0 }
		headers = append([]string{api.HeaderManage}, slices.DeleteFunc(headers, missing)...)
	}
	return s.aboutSecret(s.revoke, headers...)(ctx, r)
}
