package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/web"
)

// Each screen has its address, and so has a link whose # was escaped on the way.
func TestThePageIsAtEveryScreensAddress(t *testing.T) {
	w := newWorld(t)
	files, err := web.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/s", "/m", "/mine", "/s/", "/s?utm_source=mail", "/s%231abc", "/m%231abc"} {
		got := w.exchange(newRequest("GET", path))
		if got.status != 200 || !bytes.Equal(got.body, files["/index.html"]) || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		head := w.exchange(newRequest("HEAD", path))
		if head.status != 200 || len(head.body) > 0 || head.header.Get("Content-Security-Policy") == "" {
			t.Errorf("HEAD %s: %d %v", path, head.status, head.header)
		}
	}
}

// Every file has the headers that headers.json says, and
// no other that could weaken them.
func TestHeadersAreThoseOfTheFile(t *testing.T) {
	for _, origin := range []string{"https://secrets.example", "http://127.0.0.1:7071"} {
		p := testPage(t, "SSS_ORIGIN="+origin, "SSS_BRANDING="+branded(t, full))
		p.files["/assets/a-1.js"], p.files["/worker/b-2.js"] = newPageFile("/assets/a-1.js", nil), newPageFile("/worker/b-2.js", nil)
		for path := range p.files {
			wantHeaders(t, p, path, path, strings.HasPrefix(origin, "https:"))
		}
		for path, as := range map[string]string{"/s%231abc": "/s", "/s/": "/s", contactPath: contactPath} {
			wantHeaders(t, p, path, as, strings.HasPrefix(origin, "https:"))
		}
	}
}

func wantHeaders(t *testing.T, p *page, path, as string, https bool) {
	t.Helper()
	text, err := os.ReadFile("../web/headers.json")
	if err != nil {
		t.Fatal(err)
	}
	var h web.Headers
	if err := json.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	got, want := ask(p, "GET", path).Header(), h.Of(as, https)
	for name, value := range want {
		if all := got.Values(name); len(all) != 1 || all[0] != value {
			t.Errorf("%s: %s is %q, want %q", path, name, all, value)
		}
	}
	for name := range got {
		if _, is := want[name]; !is && !slices.Contains([]string{"Accept-Ranges", "Content-Length", "Content-Type", "Etag", "Vary"}, name) {
			t.Errorf("%s: has %s", path, name)
		}
	}
}

// There are no other ways to a file, and none to what lies beside it.
func TestOtherPathsAreNotFound(t *testing.T) {
	w := newWorld(t)
	for _, r := range []request{
		newRequest("GET", "/x"), newRequest("GET", "/s/x"), newRequest("GET", "/index.html"), newRequest("POST", "/"), newRequest("POST", "/s"),
		newRequest("GET", "/.env"), newRequest("POST", "/purge"), newRequest("POST", "/rotate"), newRequest("GET", "/metrics"), newRequest("GET", "/api"),
		newRequest("GET", "/assets"), newRequest("GET", "/assets/"), newRequest("GET", "/worker/"), newRequest("GET", "/.keep"), newRequest("GET", "/dist/index.html"),
		newRequest("GET", "/assets/../robots.txt"), newRequest("GET", "/assets/%2e%2e/robots.txt"), newRequest("GET", "/..%2f..%2fetc/passwd"),
		newRequest("GET", "/%5c..%5crobots.txt"), newRequest("GET", "//robots.txt"), newRequest("GET", "/robots.txt%00"), newRequest("GET", "/ROBOTS.TXT"),
		newRequest("GET", "/headers.json"), newRequest("GET", "/web.go"), newRequest("DELETE", "/config.json"), newRequest("OPTIONS", "/config.json"),
		newRequest("GET", "/branding/logo.svg"), newRequest("GET", contactPath), newRequest("GET", "/.well-known/"),
	} {
		if got := w.exchange(r); got.status != 404 || got.slug() != "not-found" || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: %d %s", r.method, r.path, got.status, got.body)
		}
	}
}

// What names itself by its content is kept, compressed, and not sent twice.
func TestHashedFilesAreKeptAndCompressed(t *testing.T) {
	p, text := testPage(t), []byte(strings.Repeat("export const a = 1;\n", 200))
	p.files["/assets/a-1.js"], p.files["/assets/b-2.png"] = newPageFile("/assets/a-1.js", text), newPageFile("/assets/b-2.png", text)
	plain := ask(p, "GET", "/assets/a-1.js")
	small := ask(p, "GET", "/assets/a-1.js", "Accept-Encoding", "br, gzip;q=0.8")
	if plain.Header().Get("Content-Encoding") != "" || !bytes.Equal(plain.Body.Bytes(), text) || plain.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("plain: %v", plain.Header())
	}
	if small.Header().Get("Content-Encoding") != "gzip" || small.Body.Len() > len(text)/10 || !bytes.Equal(inflate(t, small.Body), text) {
		t.Errorf("compressed: %v", small.Header())
	}
	if plain.Header().Get("Etag") == small.Header().Get("Etag") || plain.Header().Get("Vary") != "Accept-Encoding" || small.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("a cache takes one for the other: %v, %v", plain.Header(), small.Header())
	}
	for _, refuses := range []string{"", "br", "gzip;q=0", "gzip; q=0.00", "gzipped"} {
		if got := ask(p, "GET", "/assets/a-1.js", "Accept-Encoding", refuses); got.Header().Get("Content-Encoding") != "" {
			t.Errorf("compressed for %q", refuses)
		}
	}
	for _, had := range []string{plain.Header().Get("Etag"), "W/" + plain.Header().Get("Etag"), `"x", ` + plain.Header().Get("Etag"), "*"} {
		if got := ask(p, "GET", "/assets/a-1.js", "If-None-Match", had); got.Code != 304 || got.Body.Len() > 0 || got.Header().Get("Cache-Control") == "" {
			t.Errorf("If-None-Match %s: %d", had, got.Code)
		}
	}
	if got := ask(p, "GET", "/assets/a-1.js", "If-None-Match", small.Header().Get("Etag")); got.Code != 200 {
		t.Errorf("the compressed one's tag: %d", got.Code)
	}
	if got := ask(p, "HEAD", "/assets/a-1.js", "Accept-Encoding", "gzip"); got.Code != 200 || got.Header().Get("Content-Length") != small.Header().Get("Content-Length") {
		t.Errorf("HEAD: %d %v", got.Code, got.Header())
	}
	if got := ask(p, "GET", "/assets/b-2.png", "Accept-Encoding", "gzip"); got.Header().Get("Content-Encoding") != "" || got.Header().Get("Content-Type") != "image/png" {
		t.Errorf("an image: %v", got.Header())
	}
	if got := ask(p, "GET", "/", "Accept-Encoding", "gzip"); got.Header().Get("Content-Encoding") != "" || got.Header().Get("Etag") != "" {
		t.Errorf("the page: %v", got.Header())
	}
}

func inflate(t *testing.T, from io.Reader) []byte {
	t.Helper()
	r, err := gzip.NewReader(from)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Clients find the API where the page is, whatever name they know it by.
func TestTheConfigurationNamesThePagesOwnOrigin(t *testing.T) {
	w := newWorld(t, "SSS_ORIGIN=https://another.example")
	c, err := client.Discover(t.Context(), w.url, client.Options{})
	if err != nil || c.Origin() != w.url {
		t.Errorf("%v, %v", c, err)
	}
	for path, want := range map[string]string{"/config.json": `{"api": ""}`, "/branding.json": `{}`, "/robots.txt": "User-agent: *\nDisallow: /"} {
		if got := w.exchange(newRequest("GET", path)); got.status != 200 || strings.TrimSpace(string(got.body)) != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// A link whose # was escaped brings its key to the server, which writes it nowhere.
func TestKeysInPathsAreNotLogged(t *testing.T) {
	w := newWorld(t, "SSS_LOG=trace")
	for _, path := range []string{"/s%231sup3rs3cr3t", "/s/%231sup3rs3cr3t", "/x%231sup3rs3cr3t", "/assets/sup3rs3cr3t.js", "/s?k=sup3rs3cr3t", "/api/x%231sup3rs3cr3t"} {
		if got := w.exchange(newRequest("GET", path)); strings.Contains(w.log.String(), "sup3rs3cr3t") || got.header.Get("Location") != "" {
			t.Errorf("%s: %v\n%s", path, got.header, w.log)
		}
	}
}

// Under the Functions host there is no page: it answers its probe, and the API.
func TestUnderTheHostThereIsNoPage(t *testing.T) {
	s := testSettings(t)
	s.Hosted = true
	server, err := newServer(s, newWatch(&output{}, s.Log), (&fakeClock{time: start}).now)
	if err != nil {
		t.Fatal(err)
	}
	gate := host.NewGate(always(secret.ErrUnavailable))
	gate.Ready(server.app.Hosted())
	for path, want := range map[string]int{"/": 200, "/s": 404, "/robots.txt": 404, "/config.json": 404, "/api/config": 200} {
		res := httptest.NewRecorder()
		server.front(gate).ServeHTTP(res, httptest.NewRequest(http.MethodGet, path, nil))
		if res.Code != want || strings.Contains(res.Body.String(), "<html") {
			t.Errorf("%s: %d %s", path, res.Code, res.Body)
		}
	}
}

func testPage(t *testing.T, environ ...string) *page {
	t.Helper()
	p, err := newPage(testSettings(t, environ...), (&fakeClock{time: start}).now, always(secret.ErrNotFound))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask calls the page with headers given as name and value.
func ask(p *page, method, path string, headers ...string) *httptest.ResponseRecorder {
	r, res := httptest.NewRequest(method, path, nil), httptest.NewRecorder()
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	p.ServeHTTP(res, r)
	return res
}
