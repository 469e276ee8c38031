package main

import (
	"context"
	"net/http"
)

// unlock lifts a freeze and clears the wrong tries.
func (a *api) unlock(ctx context.Context, r *http.Request) (answer, error) {
	id, err := pathID(r)
	if err != nil {
		return answer{}, err
	}
	manage, err := proof(r, "Secret-Manage", false)
	if err != nil {
		return answer{}, err
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, a.service.Unlock(ctx, id, manage, key)
}
