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
	page, err := New(origin, o)
	if err != nil {
		return nil, err
	}
	return discover(ctx, page)
}

func discover(ctx context.Context, page *Client) (*Client, error) {
	var p place
	err := page.do(ctx, call{name: "find api", method: http.MethodGet, path: "/config.json", patience: quick}, &p)
	var l *lost
	switch {
	case errors.Is(err, ErrNotFound), errors.As(err, &l) && l.status == http.StatusNotFound:
		return page, nil
	case err != nil:
		return nil, err
	case *p.API == "":
		return page, nil
	}
	return follow(page.origin, *p.API, page.options)
}

// follow returns a client of the API that a page names.
func follow(page, api string, o Options) (*Client, error) {
	if strings.HasPrefix(page, "https:") && !strings.HasPrefix(api, "https:") {
		return nil, fmt.Errorf("%w: a page on https names an api without", ErrServer)
	}
	return New(api, o)
}
