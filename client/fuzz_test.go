package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

// FuzzDecode decodes any answer of any call: it is accepted, or the error is one of
// the two kinds that callers know.
func FuzzDecode(f *testing.F) {
	f.Add(200, "application/json", "", []byte(goodReading))
	f.Add(200, "application/json", "", []byte(`{"envelope":null}`))
	f.Add(410, problemMedia, "", []byte(`{"type":"/problems/gone","reason":"read","at":"2026-11-25T00:00:00Z"}`))
	f.Add(403, problemMedia, "", []byte(`{"type":"/problems/wrong-passphrase","tries_left":-3}`))
	f.Add(429, problemMedia, "30", []byte(`{"type":"/problems/rate-limited"}`))
	f.Add(503, "text/html", "Wed, 25 Nov 2026 00:00:00 GMT", []byte("<h1>503</h1>"))
	f.Add(302, "", "-1", []byte{})
	f.Add(201, "application/json", "", []byte(goodOutcome))
	f.Add(200, "application/json", "", []byte(goodHolds))
	link, keys, manage, key := fixture(f)
	f.Fuzz(func(t *testing.T, status int, media, after string, body []byte) {
		c, err := New("https://secrets.example", Options{Transport: canned(func() *http.Response {
			return &http.Response{
				StatusCode: status, Header: http.Header{"Content-Type": {media}, "Retry-After": {after}},
				Body: io.NopCloser(bytes.NewReader(body)),
			}
		})})
		if err != nil {
			t.Fatal(err)
		}
		c.pause = func(context.Context, time.Duration) error { return context.Canceled } // one try each
		for name, call := range map[string]func() (whole bool, err error){
			"config":  func() (bool, error) { a, err := c.Config(t.Context()); return a.MaxTTL > 0, err },
			"status":  func() (bool, error) { a, err := c.Status(t.Context(), link); return a.State != "", err },
			"read":    func() (bool, error) { a, err := c.Read(t.Context(), keys, key); return len(a.Envelope) > 0, err },
			"ack":     func() (bool, error) { return true, c.Ack(t.Context(), keys, key) },
			"receipt": func() (bool, error) { a, err := c.Receipt(t.Context(), manage); return a.State != "", err },
			"quarantine": func() (bool, error) {
				a, err := c.Quarantine(t.Context(), api.HoldRequest{}, key)
				return a.Hold != nil, err
			},
			"count": func() (bool, error) { n, err := c.Covers(t.Context(), api.HoldRequest{}); return n.Covers >= 0, err },
			"holds": func() (bool, error) { a, err := c.Holds(t.Context(), ""); return a.Active != nil && a.Past != nil, err },
		} {
			whole, err := call()
			var p *Problem
			switch {
			case err == nil && !whole:
				t.Fatalf("%s accepted an incomplete answer", name)
			case err == nil, errors.Is(err, ErrUnreachable):
			case !errors.As(err, &p):
				t.Fatalf("%s: neither a problem nor unreachable: %v", name, err)
			case p.TriesLeft != nil && *p.TriesLeft < 0 || p.RetryAfter < 0 || p.Error() == "":
				t.Fatalf("%s: an impossible problem: %+v", name, p)
			}
		}
	})
}

// canned is a transport that answers without a server.
type canned func() *http.Response

func (c canned) RoundTrip(*http.Request) (*http.Response, error) { return c(), nil }
