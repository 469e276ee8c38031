package main

import (
	"net/http"
	"strings"
	"testing"
)

// preflight returns the preflight request of a browser.
func preflight(origin, method, path string, headers ...string) request {
	return newRequest(http.MethodOptions, path, "Origin", origin, "Access-Control-Request-Method", method,
		"Access-Control-Request-Headers", strings.ToLower(strings.Join(headers, ",")))
}

// Pages of the allowed origins may make every request with all of its headers. Pages of
// other origins may make none.
func TestCORSAdmitsTheAllowedOrigins(t *testing.T) {
	f := newFixture(t, "SSS_ALLOWED_ORIGINS=https://a.test,https://b.test:8443")
	s := f.send(terms{})
	for _, origin := range []string{"https://a.test", "https://b.test:8443"} {
		for operation, r := range s.calls() {
			var names []string
			for name := range r.header {
				names = append(names, name)
			}
			for _, header := range append(names, "Secret-Create") {
				got := f.exchange(preflight(origin, r.method, r.path, header))
				if got.status != http.StatusNoContent || got.header.Get("Access-Control-Allow-Origin") != origin ||
					!strings.EqualFold(got.header.Get("Access-Control-Allow-Headers"), header) {
					t.Errorf("%s of %s with %s: %d %v", operation, origin, header, got.status, got.header)
				}
			}
		}
		got := f.exchange(s.status().with("Origin", origin))
		if got.status != 200 || got.header.Get("Access-Control-Allow-Origin") != origin || got.header.Get("Access-Control-Expose-Headers") != "Retry-After" {
			t.Errorf("%s: %d %v", origin, got.status, got.header)
		}
		if got.header.Get("Access-Control-Allow-Credentials") != "" || !strings.Contains(strings.Join(got.header.Values("Vary"), ","), "Origin") {
			t.Errorf("%s: %v", origin, got.header)
		}
	}
	for _, origin := range []string{"https://c.test", "http://a.test", "https://a.test:8443", "https://sub.a.test", "https://a.test.c.test", "null"} {
		for _, r := range []request{preflight(origin, "POST", s.path()+"/read", "Secret-Access"), s.status().with("Origin", origin)} {
			if got := f.exchange(r); got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s of %s: %v", r.method, r.path, origin, got.header)
			}
		}
	}
	for _, method := range []string{"PUT", "PATCH"} {
		if got := f.exchange(preflight("https://a.test", method, s.path())); got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is allowed: %v", method, got.header)
		}
	}
	if got := f.exchange(preflight("https://a.test", "POST", s.path(), "Authorization")); got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a header that the API does not take is allowed: %v", got.header)
	}
	f.want(s.read(keyOf("a")), 200, "")
}

func TestCORSAdmitsReadingProblems(t *testing.T) {
	f := newFixture(t, "SSS_ALLOWED_ORIGINS=https://a.test")
	got := f.exchange(sealed(t, terms{}).status().with("Origin", "https://a.test"))
	if got.status != 404 || got.header.Get("Access-Control-Allow-Origin") != "https://a.test" {
		t.Errorf("%d %v", got.status, got.header)
	}
}

func TestCORSAdmitsOnlyThePageByDefault(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	for origin, admitted := range map[string]string{"https://a.test": "", "https://secrets.example": "https://secrets.example"} {
		if got := f.exchange(preflight(origin, "GET", s.path())); got.header.Get("Access-Control-Allow-Origin") != admitted {
			t.Errorf("%s: %v", origin, got.header)
		}
		if got := f.exchange(s.status().with("Origin", origin)); got.status != 200 || got.header.Get("Access-Control-Allow-Origin") != admitted {
			t.Errorf("%s: %v", origin, got.header)
		}
	}
}
