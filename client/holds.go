package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

// countTimeout bounds one try of Covers, whose time grows with the number of
// secrets. The server gives up after 45 seconds.
const countTimeout = 50 * time.Second

// Quarantine places a hold, one for each key. Once it returns without an error, no
// request that begins later can do what the hold forbids. After [ErrUnreachable] and
// [ErrUnavailable] the hold may be in force, in whole or in part; calling again with
// the same key completes it. Times are cut to the second; DryRun is ignored.
func (c *Client) Quarantine(ctx context.Context, r api.HoldRequest, key Key) (api.Outcome, error) {
	r.DryRun = false
	l := call{name: "quarantine", patience: medium}
	return postHold(ctx, c, l, r, proof(key), validOutcome)
}

// Covers counts the secrets that a hold would cover and that are not over. It places no hold.
func (c *Client) Covers(ctx context.Context, r api.HoldRequest) (api.Covers, error) {
	type covers struct {
		Covers *int `json:"covers"` // nil if it is missing
		More   bool `json:"more"`
	}
	r.DryRun = true
	got, err := postHold(ctx, c, call{name: "count", patience: short, timeout: countTimeout}, r, "",
		func(a *covers) bool { return a.Covers != nil && *a.Covers >= 0 })
	if err != nil {
		return api.Covers{}, err
	}
	return api.Covers{Covers: *got.Covers, More: got.More}, nil
}

func postHold[T any](ctx context.Context, c *Client, l call, r api.HoldRequest, key string, valid func(*T) bool) (none T, err error) {
	r.Scope.From, r.Scope.To, r.Until = api.Time(r.Scope.From), api.Time(r.Scope.To), api.Time(r.Until)
	l.method, l.path = http.MethodPost, "/api/quarantine"
	l.header = map[string]string{api.HeaderAdmin: c.options.AdminKey, api.HeaderIdempotency: key}
	if l.body, err = json.Marshal(r); err != nil {
		return none, fmt.Errorf("%s: encode: %w", l.name, err)
	}
	return ask(ctx, c, l, valid)
}

// Release ends a hold. The reason is kept with it. A hold that has ended already stays as it is.
func (c *Client) Release(ctx context.Context, id, reason string) (api.Outcome, error) {
	return ask(ctx, c, call{
		name: "release", method: http.MethodDelete, patience: medium,
		path:   "/api/quarantine/" + url.PathEscape(id) + "?" + url.Values{"reason": {reason}}.Encode(),
		header: map[string]string{api.HeaderAdmin: c.options.AdminKey},
	}, validOutcome)
}

// Holds returns a page of at most 100 holds, the active ones first: the first page if
// next is empty. For another page, next is the Next of the page before it.
func (c *Client) Holds(ctx context.Context, next string) (api.Holds, error) {
	l := call{
		name: "holds", method: http.MethodGet, path: "/api/quarantine", patience: short,
		header: map[string]string{api.HeaderAdmin: c.options.AdminKey},
	}
	if next != "" {
		l.path += "?" + url.Values{"next": {next}}.Encode()
	}
	return ask(ctx, c, l, func(a *api.Holds) bool { return a.Active != nil && a.Past != nil })
}

func validOutcome(a *api.Outcome) bool {
	return a.Hold != nil && a.Hold.ID != "" && a.Hold.Scope.Kind != ""
}
