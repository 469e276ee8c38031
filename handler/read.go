package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

type readBodyAnswer struct {
	Envelope    string `json:"envelope"`
	ViewsLeft   int    `json:"views_left"`
	LeaseEndsAt string `json:"lease_ends_at"`
}

// read takes one view. The same Idempotency-Key gets the same bytes again.
func (a *api) read(ctx context.Context, r *http.Request) (answer, error) {
	id, err := pathID(r)
	if err != nil {
		return answer{}, err
	}
	access, err := proof(r, "Secret-Access", false)
	if err != nil {
		return answer{}, err
	}
	claim, err := proof(r, "Secret-Claim", false)
	if err != nil {
		return answer{}, err
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return answer{}, err
	}
	return a.guess(r, func() (answer, error) {
		view, err := a.service.Read(ctx, id, secret.Proofs{Access: access, Claim: claim}, key)
		return answer{http.StatusOK, readBodyAnswer{
			Envelope: base64url.EncodeToString(view.Envelope), ViewsLeft: view.Views, LeaseEndsAt: stamp(view.LeaseEnd),
		}}, err
	})
}
