package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/api"
)

func TestCreateRequiresJSON(t *testing.T) {
	f := newFixture(t)
	s := sealed(t, terms{})
	for _, media := range []string{"", "text/plain", "text/json", "application/json2", "application/problem+json", "multipart/form-data", "json", "a/b;"} {
		f.want(s.create().with("Content-Type", media), 415, "unsupported-media-type")
	}
	f.want(s.create().without("Content-Type"), 415, "unsupported-media-type")
	f.want(s.create().with("Content-Type", "Application/JSON; charset=utf-8"), 201, "")
}

func TestCreateRefusesLargeBodies(t *testing.T) {
	f := newFixture(t, "SSS_MAX_ENVELOPE=1024")
	fits, over := sealed(t, terms{data: make([]byte, 800)}), sealed(t, terms{data: make([]byte, 1000)})
	if len(fits.envelope) > 1024 || len(over.envelope) <= 1024 {
		t.Fatalf("envelopes are %d and %d bytes", len(fits.envelope), len(over.envelope))
	}
	f.want(fits.create(), 201, "")
	f.want(over.create(), 413, "too-large")
	huge := over.create()
	huge.body = strings.Repeat(" ", 300<<10) + huge.body
	f.want(huge, 413, "too-large")
	for _, r := range []request{over.create(), huge} {
		if got := f.raw(chunked(r)); !strings.HasPrefix(got, "HTTP/1.1 413") {
			t.Errorf("chunked: %s", got)
		}
	}
	if got := f.raw(chunked(sealed(t, terms{}).create())); !strings.HasPrefix(got, "HTTP/1.1 201") {
		t.Errorf("chunked, small enough: %s", got)
	}
}

// A body of unknown length is read up to the limit, and no further.
func TestBodiesAreReadToTheLimit(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/api/secrets", nil)
	r.Header.Set("Content-Type", "application/json")
	read := 0
	r.Body, r.ContentLength = io.NopCloser(endless{&read}), -1
	cfg := testConfig(t)
	s := &service{cfg: cfg, limits: newLimits(cfg, memoryMost, (&testClock{}).clock().Steady), clients: &clients{cfg: cfg}}
	if _, err := readBody(withCaller(t.Context(), s.newCaller(r)), r, 5000); !errors.Is(err, errBodyLarge) || read > 5001 {
		t.Errorf("read %d bytes: %v", read, err)
	}
}

// endless is a body without an end. It counts the bytes that are read.
type endless struct{ read *int }

func (e endless) Read(p []byte) (int, error) {
	*e.read += len(p)
	if *e.read > 1<<20 {
		return 0, io.ErrUnexpectedEOF
	}
	return len(p), nil
}

// An announced length above the limit is refused at once, without memory for it.
func TestCreateRefusesALargeContentLength(t *testing.T) {
	f := newFixture(t)
	got := f.raw("POST /api/secrets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999999999999\r\n\r\n{")
	if !strings.HasPrefix(got, "HTTP/1.1 413") {
		t.Errorf("got %s", got)
	}
}

func TestBrokenChunksAreAnInvalidBody(t *testing.T) {
	f := newFixture(t)
	got := f.raw("POST /api/secrets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 422") {
		t.Errorf("got %s", got)
	}
}

func TestHTTP10IsServed(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	got := f.raw(fmt.Sprintf("GET %s HTTP/1.0\r\nSecret-Access: %s\r\n\r\n", s.path(), s.access))
	if !strings.HasPrefix(got, "HTTP/1.0 200") || !strings.Contains(got, `"state":"live"`) {
		t.Errorf("got %s", got)
	}
}

func TestReadyMustBeOne(t *testing.T) {
	f := newFixture(t)
	for _, query := range []string{"ready=1&ready=1", "ready=1&ready=0", "ready", "ready=", "ready=0", "ready=true", "ready=01", "ready=1%00"} {
		f.wantField(newRequest("GET", "/api/health?"+query), "ready")
	}
	f.want(newRequest("GET", "/api/health?ready=1"), 200, "")
	f.want(newRequest("GET", "/api/health?other=1"), 200, "")
}

// No GET or HEAD takes a view, on any path.
func TestGetAndHeadTakeNoView(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	for _, path := range []string{s.path(), s.path() + "/read", s.path() + "/ack", s.path() + "/receipt", s.path() + "/unlock", "/s", "/"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := s.read(keyOf("a")).with("Secret-Manage", s.manage).to(path).as(method)
			if got := f.exchange(r); got.status >= 500 || method == http.MethodHead && len(got.body) > 0 {
				t.Errorf("%s %s: %d %s", method, path, got.status, got.body)
			}
		}
	}
	var status api.Status
	f.want(s.status(), 200, "").decode(t, &status)
	if status.ViewsLeft != 1 {
		t.Errorf("%d views left, want 1", status.ViewsLeft)
	}
	f.want(s.read(keyOf("a")), 200, "")
}

// raw sends bytes to the server and returns the answer.
func (f *fixture) raw(text string) string {
	f.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	go func() { _, _ = io.WriteString(c, text) }() // the server may answer before it has read all
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		f.t.Fatalf("no answer: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatalf("incomplete answer: %v", err)
	}
	return fmt.Sprintf("%s %s\n%s", res.Proto, res.Status, body)
}

// chunked returns a request as text, with its body in chunks.
func chunked(r request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", r.method, r.path)
	for body := r.body; body != ""; {
		n := min(len(body), 10_000)
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return b.String() + "0\r\n\r\n"
}
