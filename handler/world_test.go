package main

import (
	"bytes"
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
)

// start is when a world's clock begins, the time of the examples in docs/openapi.yaml.
var start = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// world is a whole server in this process, on a clock that stands still until a
// test moves it. A 404 does not wait in it, but says until when it would have.
type world struct {
	*server
	t     *testing.T
	url   string
	clock *fakeClock
	log   *output

	mu    sync.Mutex
	waits []time.Time
}

// newWorld starts a server with the given settings besides those of the tests.
func newWorld(t *testing.T, environ ...string) *world {
	t.Helper()
	return startWorld(t, testSettings(t, environ...))
}

func testSettings(t *testing.T, environ ...string) *Settings {
	t.Helper()
	s, err := readSettings(append([]string{"SSS_DATA=" + t.TempDir(), "SSS_RATE=off", "SSS_ORIGIN=https://secrets.example"}, environ...))
	if err != nil {
		t.Fatalf("settings: %v", err)
	}
	return s
}

func startWorld(t *testing.T, s *Settings) *world {
	t.Helper()
	w := &world{t: t, clock: &fakeClock{time: start}, log: &output{}}
	var err error
	if w.server, err = newServer(s, newWatch(w.log, s.Log), w.clock.now); err != nil {
		t.Fatalf("new server: %v", err)
	}
	if err := w.open(t.Context()); err != nil {
		t.Fatalf("open parts: %v", err)
	}
	t.Cleanup(func() { _ = w.close() })
	w.timers.scrubber, w.api.ready.parts = w.scrubber, w.pings
	w.api.wait = func(_ context.Context, until time.Time) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.waits = append(w.waits, until)
	}
	web := httptest.NewServer(w.front(w.app.Standalone()))
	t.Cleanup(web.Close)
	w.url = web.URL
	return w
}

// waited returns until when the 404s so far would have waited.
func (w *world) waited() []time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]time.Time{}, w.waits...)
}

// hold puts a hold on everything until an hour from now, as quarantine does.
func (w *world) hold(modes ...hold.Mode) {
	w.t.Helper()
	h := hold.Hold{
		ID: "drill", Scope: hold.Scope{Kind: hold.ScopeAll}, Modes: modes, Reason: "a drill", Source: "test",
		CreatedAt: w.clock.now(), Until: w.clock.now().Add(time.Hour),
	}
	for shard := range byte(16) {
		if err := w.embedded().PutHold(w.t.Context(), store.ActiveHolds(shard), h); err != nil {
			w.t.Fatalf("put hold: %v", err)
		}
	}
}

func (w *world) embedded() *bolt.Store { return w.service.Store.(*bolt.Store) }

// fakeClock is a wall clock that a test moves. Safe for concurrent use.
type fakeClock struct {
	mu   sync.Mutex
	time time.Time
}

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
}

// output keeps what is written. Safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
