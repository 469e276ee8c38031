package main

import (
	"context"
	"net/http"
)

// ack ends the view that an Idempotency-Key took.
func (a *api) ack(ctx context.Context, r *http.Request) (answer, error) {
	id, err := pathID(r)
	if err != nil {
		return answer{}, err
	}
	access, err := proof(r, "Secret-Access", false)
	if err != nil {
		return answer{}, err
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, a.service.Ack(ctx, id, access, key)
}
