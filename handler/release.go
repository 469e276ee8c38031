package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// release lifts a hold.
func (a *api) release(ctx context.Context, r *http.Request) (answer, error) {
	if err := a.mayOperate(r); err != nil {
		return answer{}, err
	}
	reason, err := queryValue(r, "reason")
	if err != nil {
		return answer{}, err
	}
	return a.outcome(a.holds.Release(ctx, r.PathValue("hold"), reason))
}

// queryValue returns a parameter of the query, empty where it is missing.
func queryValue(r *http.Request, name string) (string, error) {
	switch values := r.URL.Query()[name]; len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	}
	return "", &secret.InvalidError{Field: name, Reason: "stands twice"}
}
