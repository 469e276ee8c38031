package client

import (
	"errors"
	"net/http"
	"testing"
)

// FuzzDecode hands any answer to the decoder: it either gives a valid answer or
// an error of one of the two kinds that callers know.
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
	f.Fuzz(func(t *testing.T, status int, media, after string, body []byte) {
		res := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {media}, "Retry-After": {after}}}
		for _, a := range []answer{&readingWire{}, &configWire{}, &Created{}, &Status{}, &Receipt{}, &place{}, &HoldOutcome{}, &HoldPage{}, &coverWire{}, nil} {
			err := decode(res, body, a)
			var p *Problem
			switch {
			case err == nil && a != nil && !a.valid():
				t.Fatalf("an invalid answer was taken: %+v", a)
			case err == nil, errors.Is(err, ErrUnreachable):
			case !errors.As(err, &p):
				t.Fatalf("neither a problem nor unreachable: %v", err)
			case p.TriesLeft < -1 || p.RetryAfter < 0 || p.Error() == "":
				t.Fatalf("an impossible problem: %+v", p)
			}
		}
	})
}
