package site

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
	"time"

	"github.com/secretsharer/secretsharer/web"
)

// Every file has the headers of headers.json, and no others that could weaken them.
func TestHeadersAreThoseOfHeadersJSON(t *testing.T) {
	for _, origin := range []string{"https://secrets.example", "http://127.0.0.1:7071"} {
		p := openSite(t, Options{Origin: origin, Branding: branded(t, full)})
		p.files["/assets/a-1.js"], p.files["/worker/b-2.js"] = newFile("/assets/a-1.js", nil), newFile("/worker/b-2.js", nil)
		for path := range p.files {
			wantHeaders(t, p, path, path, strings.HasPrefix(origin, "https:"))
		}
		for path, as := range map[string]string{"/s%231abc": "/s", "/s/": "/s", contactPath: contactPath} {
			wantHeaders(t, p, path, as, strings.HasPrefix(origin, "https:"))
		}
	}
}

func wantHeaders(t *testing.T, p *Site, path, as string, https bool) {
	t.Helper()
	text, err := os.ReadFile("../../../web/headers.json")
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

// Files whose names contain a hash are cached and compressed.
func TestHashedFilesAreCachedAndCompressed(t *testing.T) {
	p, text := openSite(t, Options{}), []byte(strings.Repeat("export const a = 1;\n", 200))
	p.files["/assets/a-1.js"], p.files["/assets/b-2.png"] = newFile("/assets/a-1.js", text), newFile("/assets/b-2.png", text)
	plain := ask(p, "GET", "/assets/a-1.js")
	small := ask(p, "GET", "/assets/a-1.js", "Accept-Encoding", "br, gzip;q=0.8")
	if plain.Header().Get("Content-Encoding") != "" || !bytes.Equal(plain.Body.Bytes(), text) || plain.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("plain: %v", plain.Header())
	}
	if small.Header().Get("Content-Encoding") != "gzip" || small.Body.Len() > len(text)/10 || !bytes.Equal(inflate(t, small.Body), text) {
		t.Errorf("compressed: %v", small.Header())
	}
	if plain.Header().Get("Etag") == small.Header().Get("Etag") || plain.Header().Get("Vary") != "Accept-Encoding" || small.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("a cache would confuse the two: %v, %v", plain.Header(), small.Header())
	}
	for _, refuses := range []string{"", "br", "gzip;q=0", "gzip; q=0.00", "gzipped"} {
		if got := ask(p, "GET", "/assets/a-1.js", "Accept-Encoding", refuses); got.Header().Get("Content-Encoding") != "" {
			t.Errorf("compressed for %q", refuses)
		}
	}
	for _, tag := range []string{plain.Header().Get("Etag"), "W/" + plain.Header().Get("Etag"), `"x", ` + plain.Header().Get("Etag"), "*"} {
		if got := ask(p, "GET", "/assets/a-1.js", "If-None-Match", tag); got.Code != 304 || got.Body.Len() > 0 || got.Header().Get("Cache-Control") == "" {
			t.Errorf("If-None-Match %s: %d", tag, got.Code)
		}
	}
	if got := ask(p, "GET", "/assets/a-1.js", "If-None-Match", small.Header().Get("Etag")); got.Code != 200 {
		t.Errorf("the compressed file's ETag: %d", got.Code)
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

func openSite(t *testing.T, o Options) *Site {
	t.Helper()
	if o.Origin == "" {
		o.Origin = "https://secrets.example"
	}
	o.Now = func() time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC) }
	o.NotFound = http.NotFoundHandler()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask calls the page with headers given as names and values.
func ask(p *Site, method, path string, headers ...string) *httptest.ResponseRecorder {
	r, res := httptest.NewRequest(method, path, nil), httptest.NewRecorder()
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	p.ServeHTTP(res, r)
	return res
}
