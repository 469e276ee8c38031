package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// The page runs nothing, loads nothing, and asks for nothing to be sent.
func TestThePageRunsNothing(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/s", "/m", "/s?utm_source=mail"} {
		got := w.exchange(newRequest(http.MethodGet, path))
		if got.status != 200 || string(got.body) != page || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"Cache-Control":           "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.header.Get(name))
			}
		}
		head := w.exchange(newRequest(http.MethodHead, path))
		if head.status != 200 || len(head.body) > 0 || head.header.Get("Content-Security-Policy") == "" {
			t.Errorf("HEAD %s: %d %v", path, head.status, head.header)
		}
	}
	if found := regexp.MustCompile(`(?i)<(script|img|link|iframe|form|style)|javascript:|http-equiv| on[a-z]+=`).FindString(page); found != "" {
		t.Errorf("the page has %s", found)
	}
}

func TestRobotsStayAway(t *testing.T) {
	w := newWorld(t)
	if got := w.exchange(newRequest("GET", "/robots.txt")); got.status != 200 || string(got.body) != "User-agent: *\nDisallow: /\n" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestOtherPathsAreNotFound(t *testing.T) {
	w := newWorld(t)
	for _, r := range []request{
		newRequest("GET", "/x"), newRequest("GET", "/s/x"), newRequest("GET", "/index.html"), newRequest("POST", "/"), newRequest("POST", "/s"),
		newRequest("GET", "/.env"), newRequest("POST", "/purge"), newRequest("POST", "/rotate"), newRequest("GET", "/metrics"), newRequest("GET", "/api"),
	} {
		if got := w.exchange(r); got.status != 404 || got.slug() != "not-found" {
			t.Errorf("%s %s: %d %s", r.method, r.path, got.status, got.body)
		}
	}
}

// Under the Functions host there is no page: it answers its probe, and the API.
func TestUnderTheHostThereIsNoPage(t *testing.T) {
	s := testSettings(t)
	s.Hosted = true
	server, err := newServer(s, newWatch(&output{}, s.Log), (&clock{time: start}).now)
	if err != nil {
		t.Fatal(err)
	}
	gate := host.NewGate(always(secret.ErrUnavailable))
	gate.Ready(server.app.Hosted())
	for path, want := range map[string]int{"/": 200, "/s": 404, "/robots.txt": 404, "/api/config": 200} {
		res := httptest.NewRecorder()
		server.front(gate).ServeHTTP(res, httptest.NewRequest(http.MethodGet, path, nil))
		if res.Code != want || strings.Contains(res.Body.String(), "<html") {
			t.Errorf("%s: %d %s", path, res.Code, res.Body)
		}
	}
}
