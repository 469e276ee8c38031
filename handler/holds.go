package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// listHolds lists the active holds and then the past ones, in pages.
func (s *service) listHolds(ctx context.Context, r *http.Request) (answer, error) {
	next, err := queryValue(r, "next")
	if err != nil {
		return answer{}, err
	}
	page, err := s.holds.Holds(ctx, next)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, api.Holds{Active: holdBodies(page.Active), Past: holdBodies(page.Past), Next: page.Next}}, nil
}

func holdBodies(holds []hold.Hold) []api.Hold {
	bodies := make([]api.Hold, len(holds))
	for i := range holds {
		bodies[i] = holdBody(&holds[i])
	}
	return bodies
}
