package client

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

const (
	goodHold = `{"id":"0f","scope":{"kind":"week","week":"2026w47"},"modes":["block-read"],"until":"2026-11-26T00:00:00Z",
		"reason":"why","source":"operator","created_at":"2026-11-25T00:00:00Z","later":1}`
	goodHolds   = `{"active":[` + goodHold + `],"past":[],"next":"0f"}`
	goodOutcome = `{"hold":` + goodHold + `,"event_sent":true}`
)

var (
	midnight = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	theHold  = api.Hold{
		ID: "0f", Scope: api.Scope{Kind: "week", Week: "2026w47"}, Modes: []string{"block-read"}, Reason: "why",
		Source: "operator", CreatedAt: midnight, Until: midnight.AddDate(0, 0, 1),
	}
)

func TestOperatorCallsSendTheDocumentedRequests(t *testing.T) {
	_, _, _, key := fixture(t)
	request := api.HoldRequest{
		Scope: api.Scope{Kind: "period", From: midnight.In(time.FixedZone("", 3600)), To: midnight.Add(time.Hour + time.Millisecond)},
		Modes: []string{"block-read", "preserve"}, Until: midnight.Add(2 * time.Hour), Reason: "why",
	}
	const scope = `"scope":{"kind":"period","from":"2026-11-25T00:00:00Z","to":"2026-11-25T01:00:00Z"},"modes":["block-read","preserve"]`
	outcome := api.Outcome{Hold: &theHold, EventSent: true}
	cases := map[string]struct {
		answer          http.HandlerFunc
		call            func(*Client) (any, error)
		want            any
		line, key, body string
	}{
		"quarantine": {
			reply(201, jsonMedia, goodOutcome), func(c *Client) (any, error) { return c.Quarantine(t.Context(), request, key) }, outcome,
			"POST /api/quarantine", proof(key), `{` + scope + `,"until":"2026-11-25T02:00:00Z","reason":"why"}`,
		},
		"quarantine again, for the usual time": {
			reply(200, jsonMedia, goodOutcome), func(c *Client) (any, error) {
				return c.Quarantine(t.Context(), api.HoldRequest{Scope: api.Scope{Kind: "all"}, Modes: []string{"preserve"}, Reason: "<&>"}, key)
			},
			outcome, "POST /api/quarantine", proof(key), `{"scope":{"kind":"all"},"modes":["preserve"],"reason":"\u003c\u0026\u003e"}`,
		},
		"count": {
			reply(200, jsonMedia, `{"covers":3,"more":true}`), func(c *Client) (any, error) { return c.Covers(t.Context(), request) },
			api.Covers{Covers: 3, More: true},
			"POST /api/quarantine", "", `{` + scope + `,"until":"2026-11-25T02:00:00Z","reason":"why","dry_run":true}`,
		},
		"release": {
			reply(200, jsonMedia, goodOutcome), func(c *Client) (any, error) { return c.Release(t.Context(), "0f/..?", "false alarm & more") },
			outcome, "DELETE /api/quarantine/0f%2F..%3F?reason=false+alarm+%26+more", "", "",
		},
		"holds": {
			reply(200, jsonMedia, goodHolds), func(c *Client) (any, error) { return c.Holds(t.Context(), "") },
			api.Holds{Active: []api.Hold{theHold}, Past: []api.Hold{}, Next: "0f"}, "GET /api/quarantine", "", "",
		},
		"the next holds": {
			reply(200, jsonMedia, goodHolds), func(c *Client) (any, error) { return c.Holds(t.Context(), "0f&x") },
			api.Holds{Active: []api.Hold{theHold}, Past: []api.Hold{}, Next: "0f"}, "GET /api/quarantine?next=0f%26x", "", "",
		},
	}
	for name, at := range cases {
		t.Run(name, func(t *testing.T) {
			f, _ := serve(t, at.answer)
			got, err := at.call(f.client(t, Options{AdminKey: "the key"}))
			if err != nil || !reflect.DeepEqual(got, at.want) {
				t.Fatalf("got %+v, %v, want %+v", got, err, at.want)
			}
			sent := f.requests()[0]
			if sent.line != at.line || sent.body != at.body {
				t.Errorf("sent %s %s, want %s %s", sent.line, sent.body, at.line, at.body)
			}
			if sent.header.Get("Secret-Admin") != "the key" || sent.header.Get("Idempotency-Key") != at.key {
				t.Errorf("sent the headers %v", sent.header)
			}
		})
	}
}

func TestAdminKeyIsSentWithOperatorCallsOnly(t *testing.T) {
	link, _, manage, _ := fixture(t)
	f, _ := serve(t, reply(200, jsonMedia, `{}`))
	c := f.client(t, Options{AdminKey: "the key"})
	_, _ = c.Config(t.Context())
	_, _ = c.Status(t.Context(), link)
	_ = c.Revoke(t.Context(), manage)
	for _, r := range f.requests() {
		if r.header.Get("Secret-Admin") != "" {
			t.Errorf("%s came with the operator's key", r.line)
		}
	}
}

func TestLostQuarantineIsRepeatedWithTheSameKey(t *testing.T) {
	_, _, _, key := fixture(t)
	unavailable := reply(503, problemMedia, `{"type":"/problems/unavailable"}`, "Retry-After", "2")
	f, c := serve(t, lose, unavailable, truncate, reply(200, jsonMedia, `{}`), reply(201, jsonMedia, goodOutcome))
	got, err := c.Quarantine(t.Context(), api.HoldRequest{Scope: api.Scope{Kind: "all"}}, key)
	if err != nil || !got.EventSent {
		t.Fatalf("got %+v, %v", got, err)
	}
	seen := f.requests()
	for _, r := range seen {
		if r.header.Get("Idempotency-Key") != proof(key) || r.body != seen[0].body {
			t.Errorf("a retry differs from the first try: %v %s", r.header, r.body)
		}
	}
	if len(seen) != 5 {
		t.Errorf("%d requests", len(seen))
	}
}

func TestIncompleteAnswersAboutHoldsAreRefused(t *testing.T) {
	_, _, _, key := fixture(t)
	calls := map[string]func(*Client) error{
		"quarantine": func(c *Client) error { _, err := c.Quarantine(t.Context(), api.HoldRequest{}, key); return err },
		"count":      func(c *Client) error { _, err := c.Covers(t.Context(), api.HoldRequest{}); return err },
		"release":    func(c *Client) error { _, err := c.Release(t.Context(), "0f", "why"); return err },
		"holds":      func(c *Client) error { _, err := c.Holds(t.Context(), ""); return err },
	}
	for name, call := range calls {
		for _, body := range []string{`{}`, `{"hold":null,"event_sent":true}`, `{"covers":-1}`, `{"active":[],"past":null}`, `[]`, `<h1>Hello</h1>`} {
			_, c := serve(t, reply(200, jsonMedia, body))
			if err := call(c); !errors.Is(err, ErrUnreachable) {
				t.Errorf("%s accepted %s: %v", name, body, err)
			}
		}
	}
}

func TestOperatorErrorsContainNoKeyAndNoReason(t *testing.T) {
	c, err := New("http://127.0.0.1:1", Options{AdminKey: "the-key"})
	if err != nil {
		t.Fatal(err)
	}
	c.pause = func(context.Context, time.Duration) error { return context.Canceled }
	_, err = c.Release(t.Context(), "0f", "a-reason")
	if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "the-key") || strings.Contains(err.Error(), "a-reason") {
		t.Error(err)
	}
}
