package client

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestServerMustBeAnOriginOnHTTPSOrThisMachine(t *testing.T) {
	cases := []struct {
		server    string
		allowHTTP bool
		want      string // empty: refused
	}{
		{"https://secrets.example", false, "https://secrets.example"},
		{"https://secrets.example:8443/", false, "https://secrets.example:8443"},
		{"https://Secrets.Example:443", false, "https://secrets.example"},
		{"http://127.0.0.1:80", false, "http://127.0.0.1"},
		{"https://[::1]:443", false, "https://[::1]"},
		{"https://secrets.example:80", false, "https://secrets.example:80"},
		{"http://127.0.0.1:7071", false, "http://127.0.0.1:7071"},
		{"http://localhost:7071", false, "http://localhost:7071"},
		{"http://[::1]:7071", false, "http://[::1]:7071"},
		{"http://secrets.example", false, ""},
		{"http://10.0.0.1", false, ""},
		{"http://localhost.example", false, ""},
		{"http://127.0.0.1.example", false, ""},
		{"http://secrets.example", true, "http://secrets.example"},
		{"ftp://secrets.example", true, ""},
		{"secrets.example", false, ""},
		{"https://", false, ""},
		{"https://user:password@secrets.example", false, ""},
		{"https://secrets.example/path", false, ""},
		{"https://secrets.example?q", false, ""},
		{"https://secrets.example#f", false, ""},
		{"https://secrets.example:port", false, ""},
		{"", false, ""},
	}
	for _, at := range cases {
		c, err := New(at.server, Options{AllowHTTP: at.allowHTTP})
		switch {
		case at.want == "" && !errors.Is(err, ErrServer):
			t.Errorf("%q gave %v, want ErrServer", at.server, err)
		case at.want != "" && (err != nil || c.Origin() != at.want):
			t.Errorf("%q gave %v, %v, want %q", at.server, c, err, at.want)
		}
	}
}

func TestDiscoverFindsTheAPIOfAPage(t *testing.T) {
	const api = "https://api.secrets.example"
	cases := map[string]struct {
		answer http.HandlerFunc
		want   string // "page": the page's own origin; empty: an error
	}{
		"named":                   {reply(200, "application/json", `{"api":"`+api+`","theme":"dark"}`), api},
		"named as empty":          {reply(200, "application/json", `{"api":""}`), "page"},
		"none":                    {reply(404, "text/html", "<h1>Not found</h1>"), "page"},
		"none, as a problem":      {reply(404, problemMedia, `{"type":"/problems/not-found"}`), "page"},
		"the page itself instead": {reply(200, "text/html", "<h1>Hello</h1>"), ""},
		"not an origin":           {reply(200, "application/json", `{"api":"https://api.secrets.example/v1"}`), ""},
		"plain http elsewhere":    {reply(200, "application/json", `{"api":"http://api.secrets.example"}`), ""},
		"other JSON":              {reply(200, "application/json", `{}`), ""},
		"forbidden":               {reply(403, "text/html", ""), ""},
	}
	for name, at := range cases {
		t.Run(name, func(t *testing.T) {
			f, _ := serve(t, at.answer)
			if at.want == "page" {
				at.want = f.URL
			}
			c, err := f.client(t, Options{}).discover(t.Context())
			if at.want == "" && err == nil || at.want != "" && (err != nil || c.Origin() != at.want) {
				t.Fatalf("got %v, %v, want %q", c, err, at.want)
			}
			if got := f.requests()[0].line; got != "GET /config.json" {
				t.Errorf("asked for %s", got)
			}
		})
	}
}

func TestPageOnHTTPSMustHaveItsAPIOnHTTPS(t *testing.T) {
	page := canned(func() *http.Response {
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(`{"api":"http://127.0.0.1:7071"}`)),
		}
	})
	o := Options{AllowHTTP: true, Transport: page}
	if _, err := Discover(t.Context(), "https://secrets.example", o); !errors.Is(err, ErrServer) {
		t.Errorf("got %v", err)
	}
}
