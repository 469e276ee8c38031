package main

import (
	"context"
	"net/http"
)

type holdsBody struct {
	Active []*holdBody `json:"active"`
	Past   []*holdBody `json:"past"`
	Next   string      `json:"next"`
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
	return answer{http.StatusOK, holdsBody{holdBodies(page.Active), holdBodies(page.Past), page.Next}}, nil
}
