package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
)

// revoke ends a secret for everyone, by Secret-Manage, or by Secret-Access and Secret-Claim.
func (s *service) revoke(ctx context.Context, r *http.Request) (answer, error) {
	headers := []string{api.HeaderAccess, api.HeaderClaim}
	byManage := len(r.Header.Values(api.HeaderManage)) > 0
	if byManage { // the others are not needed, but must be well-formed
		headers = []string{api.HeaderManage}
		for _, h := range []string{api.HeaderAccess, api.HeaderClaim} {
			if len(r.Header.Values(h)) > 0 {
				headers = append(headers, h)
			}
		}
	}
	req, err := parseSecretRequest(r, headers...)
	if err != nil {
		return answer{}, err
	}
	if !byManage && s.tries.spent(clientIP(s.cfg, r)) {
		return answer{}, errRateLimited
	}
	return noContent, s.secrets.Revoke(ctx, req.id, req.proofs)
}
