package main

import (
	"context"
	"net/http"
)

// release ends a hold.
func (s *service) release(ctx context.Context, r *http.Request) (answer, error) {
	reason, err := queryValue(r, "reason")
	if err != nil {
		return answer{}, err
	}
	return s.holdAnswer(s.holds.Release(ctx, r.PathValue("hold"), reason))
}
