package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/web"
)

// The page is served for every screen, even for a link whose # was escaped on the way.
func TestThePageIsServedForEveryScreen(t *testing.T) {
	f := newFixture(t)
	files, err := web.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/s", "/m", "/mine", "/s/", "/s?utm_source=mail", "/s%231abc", "/m%231abc"} {
		got := f.exchange(newRequest("GET", path))
		if got.status != 200 || !bytes.Equal(got.body, files["/index.html"]) || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		head := f.exchange(newRequest("HEAD", path))
		if head.status != 200 || len(head.body) > 0 || head.header.Get("Content-Security-Policy") == "" {
			t.Errorf("HEAD %s: %d %v", path, head.status, head.header)
		}
	}
}

func TestOtherPathsAreNotFound(t *testing.T) {
	f := newFixture(t)
	for _, r := range []request{
		newRequest("GET", "/x"), newRequest("GET", "/s/x"), newRequest("GET", "/index.html"), newRequest("POST", "/"), newRequest("POST", "/s"),
		newRequest("GET", "/.env"), newRequest("POST", "/purge"), newRequest("POST", "/rotate"), newRequest("GET", "/metrics"), newRequest("GET", "/api"),
		newRequest("GET", "/assets"), newRequest("GET", "/assets/"), newRequest("GET", "/worker/"), newRequest("GET", "/.keep"), newRequest("GET", "/dist/index.html"),
		newRequest("GET", "/assets/../robots.txt"), newRequest("GET", "/assets/%2e%2e/robots.txt"), newRequest("GET", "/..%2f..%2fetc/passwd"),
		newRequest("GET", "/%5c..%5crobots.txt"), newRequest("GET", "//robots.txt"), newRequest("GET", "/robots.txt%00"), newRequest("GET", "/ROBOTS.TXT"),
		newRequest("GET", "/headers.json"), newRequest("GET", "/web.go"), newRequest("DELETE", "/config.json"), newRequest("OPTIONS", "/config.json"),
		newRequest("GET", "/branding/logo.svg"), newRequest("GET", "/.well-known/security.txt"), newRequest("GET", "/.well-known/"),
	} {
		if got := f.exchange(r); got.status != 404 || got.slug() != "not-found" || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: %d %s", r.method, r.path, got.status, got.body)
		}
	}
}

// Clients find the API on the origin of the page, independently of SSS_ORIGIN.
func TestClientsFindTheAPIOnThePagesOrigin(t *testing.T) {
	f := newFixture(t, "SSS_ORIGIN=https://another.example")
	c, err := client.Discover(t.Context(), f.url, client.Options{})
	if err != nil || c.Origin() != f.url {
		t.Errorf("%v, %v", c, err)
	}
	for path, want := range map[string]string{"/config.json": `{"api": ""}`, "/branding.json": `{}`, "/robots.txt": "User-agent: *\nDisallow: /"} {
		if got := f.exchange(newRequest("GET", path)); got.status != 200 || strings.TrimSpace(string(got.body)) != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// A link whose # was escaped carries its key in the path.
func TestKeysInPathsAreNotLogged(t *testing.T) {
	f := newFixture(t, "SSS_LOG=trace")
	for _, path := range []string{"/s%231sup3rs3cr3t", "/s/%231sup3rs3cr3t", "/x%231sup3rs3cr3t", "/assets/sup3rs3cr3t.js", "/s?k=sup3rs3cr3t", "/api/x%231sup3rs3cr3t"} {
		if got := f.exchange(newRequest("GET", path)); strings.Contains(f.log.String(), "sup3rs3cr3t") || got.header.Get("Location") != "" {
			t.Errorf("%s: %v\n%s", path, got.header, f.log)
		}
	}
}

func TestUnderTheHostThereIsNoPage(t *testing.T) {
	cfg := testConfig(t)
	cfg.Hosted = true
	f := startFixture(t, cfg)
	gate := host.NewGate(problemHandler(secret.ErrUnavailable))
	gate.Ready(f.handler)
	front, err := newFront(cfg, gate, f.clock.clock())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/": 200, "/s": 404, "/robots.txt": 404, "/config.json": 404, "/api/config": 200} {
		res := httptest.NewRecorder()
		front.ServeHTTP(res, httptest.NewRequest(http.MethodGet, path, nil))
		if res.Code != want || strings.Contains(res.Body.String(), "<html") {
			t.Errorf("%s: %d %s", path, res.Code, res.Body)
		}
	}
}
