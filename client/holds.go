package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// countTimeout bounds the counting of what a hold would cover, which takes the
// longer the more secrets there are: a little more than the server gives itself.
const countTimeout = 50 * time.Second

// Scope says which secrets a hold covers. Only the members of its kind are set.
type Scope struct {
	Kind    string    `json:"kind"` // "all", "week", "key", "period", "prefix" or "id"
	Week    string    `json:"week,omitempty"`
	Name    string    `json:"name,omitempty"` // of a key, as is Version
	Version string    `json:"version,omitempty"`
	From    time.Time `json:"from,omitzero"` // of creation, inclusive
	To      time.Time `json:"to,omitzero"`   // exclusive
	Prefix  string    `json:"prefix,omitempty"`
	ID      string    `json:"id,omitempty"`
}

// HoldRequest is what an operator asks for.
type HoldRequest struct {
	Scope  Scope     `json:"scope"`
	Modes  []string  `json:"modes"`          // of "block-read", "block-create" and "preserve"
	Until  time.Time `json:"until,omitzero"` // to the second; zero: as long as the server's usual
	Reason string    `json:"reason"`
}

// Hold freezes what lies in its scope until it is lifted or its end has come.
type Hold struct {
	ID            string    `json:"id"`
	Scope         Scope     `json:"scope"`
	Modes         []string  `json:"modes"`
	Until         time.Time `json:"until"`
	Reason        string    `json:"reason"`
	Source        string    `json:"source"` // "operator" or "defender"
	Alert         string    `json:"alert,omitempty"`
	CreatedAt     time.Time `json:"created_at"`
	ReleasedAt    time.Time `json:"released_at,omitzero"` // zero while it stands, and where it ended by itself
	ReleaseReason string    `json:"release_reason,omitempty"`
}

// HoldOutcome is a hold that was set or lifted. It is so whether or not the event
// that tells of it is known to have been sent.
type HoldOutcome struct {
	Hold      Hold `json:"hold"`
	EventSent bool `json:"event_sent"`
}

// HoldPage is a part of all holds.
type HoldPage struct {
	Active []Hold `json:"active"` // on the first page only
	Past   []Hold `json:"past"`
	Next   string `json:"next"` // asks for the next page; empty on the last
}

func (o *HoldOutcome) valid() bool { return o.Hold.ID != "" && o.Hold.Scope.Kind != "" }
func (p *HoldPage) valid() bool    { return p.Active != nil && p.Past != nil }

type coverWire struct {
	Covers *int `json:"covers"`
}

func (w *coverWire) valid() bool { return w.Covers != nil && *w.Covers >= 0 }

// Quarantine sets a hold, one for each key. Once it has returned without an error,
// no request that begins later is served what the hold forbids. After
// [ErrUnreachable] and [ErrUnavailable] it may stand, whole or in part; the same
// key completes it.
func (c *Client) Quarantine(ctx context.Context, r HoldRequest, key Key) (HoldOutcome, error) {
	l := call{name: "quarantine", patience: steady}
	l.header = map[string]string{"Idempotency-Key": proof(key)}
	var a HoldOutcome
	err := c.postHold(ctx, l, r, false, &a)
	return a, err
}

// Covers counts the secrets that a hold would cover and that are not over; it sets none.
func (c *Client) Covers(ctx context.Context, r HoldRequest) (int, error) {
	var w coverWire
	if err := c.postHold(ctx, call{name: "count", patience: quick, timeout: countTimeout}, r, true, &w); err != nil {
		return 0, err
	}
	return *w.Covers, nil
}

func (c *Client) postHold(ctx context.Context, l call, r HoldRequest, dryRun bool, a answer) (err error) {
	r.Scope.From, r.Scope.To, r.Until = wireTime(r.Scope.From), wireTime(r.Scope.To), wireTime(r.Until)
	l.method, l.path = http.MethodPost, "/api/quarantine"
	l.body, err = json.Marshal(struct {
		HoldRequest
		DryRun bool `json:"dry_run,omitempty"`
	}{r, dryRun})
	if err != nil {
		return fmt.Errorf("%s: encode: %w", l.name, err)
	}
	return c.do(ctx, c.asOperator(l), a)
}

// Release lifts a hold, for a reason that is kept with it. One that is past already stays as it is.
func (c *Client) Release(ctx context.Context, id, reason string) (HoldOutcome, error) {
	var a HoldOutcome
	err := c.do(ctx, c.asOperator(call{
		name: "release", method: http.MethodDelete, patience: steady,
		path: "/api/quarantine/" + url.PathEscape(id) + "?" + url.Values{"reason": {reason}}.Encode(),
	}), &a)
	return a, err
}

// Holds lists the holds that stand and those that are past: the first page for an
// empty next, then what the page before names.
func (c *Client) Holds(ctx context.Context, next string) (HoldPage, error) {
	l := call{name: "holds", method: http.MethodGet, path: "/api/quarantine", patience: quick}
	if next != "" {
		l.path += "?" + url.Values{"next": {next}}.Encode()
	}
	var a HoldPage
	err := c.do(ctx, c.asOperator(l), &a)
	return a, err
}

// asOperator adds the operator's key.
func (c *Client) asOperator(l call) call {
	if l.header == nil {
		l.header = map[string]string{}
	}
	if c.options.AdminKey != "" {
		l.header["Secret-Admin"] = c.options.AdminKey
	}
	return l
}

// wireTime is a time as the API writes it: to the second, in UTC.
func wireTime(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}
