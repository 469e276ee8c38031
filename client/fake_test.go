package client

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope"
)

// request is a request to the fake.
type request struct {
	line   string
	header http.Header
	body   string
}

// fake answers each request with the next of its answers, and further ones with the last.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	seen  []request
	times []time.Duration // pauses of the client
}

func serve(t *testing.T, answers ...http.HandlerFunc) (*fake, *Client) {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read request: %v", err)
		}
		f.mu.Lock()
		n := min(len(f.seen), len(answers)-1)
		f.seen = append(f.seen, request{r.Method + " " + r.URL.RequestURI(), r.Header.Clone(), string(body)})
		f.mu.Unlock()
		answers[n](w, r)
	}))
	t.Cleanup(f.Close)
	return f, f.client(t, Options{})
}

// client returns a client whose clock moves only when it pauses.
func (f *fake) client(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(f.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	c.now = func() time.Time { return now }
	c.pause = func(ctx context.Context, d time.Duration) error {
		f.times = append(f.times, d)
		now = now.Add(d)
		return ctx.Err()
	}
	return c
}

func (f *fake) requests() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen
}

func reply(status int, media, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		if media != "" {
			w.Header().Set("Content-Type", media)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// lose reads the request and closes the connection.
func lose(_ http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }

// truncate announces more than it sends.
func truncate(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"envelope":"`)
}

// hang waits until the client gives up.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

const (
	problemMedia = "application/problem+json"
	jsonMedia    = "application/json; charset=utf-8"
	goodReading  = `{"envelope":"AQID","views_left":1,"lease_ends_at":"2026-11-25T00:02:00Z"}`
	goodStatus   = `{"id":"x","state":"live","views_left":1,"expires_at":"2026-11-25T00:00:00Z","passphrase":true,"header":"AA"}`
)

// fixture returns a link with its keys, a manage link and a key, all made from one byte.
func fixture(t testing.TB) (envelope.Link, *envelope.Keys, envelope.ManageLink, Key) {
	t.Helper()
	ones := strings.NewReader(strings.Repeat("\x01", 200))
	link, err := envelope.NewLink(ones, "http://127.0.0.1", time.Unix(1_800_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := link.Keys("")
	if err != nil {
		t.Fatal(err)
	}
	manage, err := envelope.NewManageLink(ones, "http://127.0.0.1", keys.ID)
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewKey(ones)
	if err != nil {
		t.Fatal(err)
	}
	return link, keys, manage, key
}
