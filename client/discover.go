package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// place is a page's config.json.
type place struct {
	API *string `json:"api"`
}

func (p *place) valid() bool { return p.API != nil }

// Discover returns a client of the API that serves the page at an origin: the
// "api" of its /config.json, or the origin itself where there is none. A page on
// https has its API on https. Errors: ErrServer, and those of a call.
func Discover(ctx context.Context, origin string, o Options) (*Client, error) {
	c, err := New(origin, o)
	if err != nil {
		return nil, err
	}
	var p place
	err = c.do(ctx, call{name: "find api", method: http.MethodGet, path: "/config.json", patience: quick}, &p)
	var status *lost
	switch {
	case errors.Is(err, ErrNotFound), errors.As(err, &status) && status.status == http.StatusNotFound:
		return c, nil
	case err != nil:
		return nil, err
	case *p.API == "":
		return c, nil
	case strings.HasPrefix(c.origin, "https:") && !strings.HasPrefix(*p.API, "https:"):
		return nil, fmt.Errorf("%w: a page on https names an api without", ErrServer)
	}
	return New(*p.API, o)
}
