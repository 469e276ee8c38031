package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

type holdsBody struct {
	Active []secret.Hold `json:"active"`
	Past   []secret.Hold `json:"past"`
	Next   string        `json:"next"`
}

// listHolds lists the holds that stand, and those that are past in pages.
func (a *api) listHolds(ctx context.Context, r *http.Request) (answer, error) {
	if err := a.mayOperate(r); err != nil {
		return answer{}, err
	}
	next, err := queryValue(r, "next")
	if err != nil {
		return answer{}, err
	}
	page, err := a.holds.Holds(ctx, next)
	if err != nil {
		return answer{}, err
	}
	body := holdsBody{Active: []secret.Hold{}, Past: []secret.Hold{}, Next: page.Next}
	body.Active, body.Past = append(body.Active, page.Active...), append(body.Past, page.Past...)
	return answer{http.StatusOK, body}, nil
}
