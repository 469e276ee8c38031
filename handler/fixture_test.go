package main

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// start is the time at which a fixture's clock begins, as in the examples of docs/openapi.yaml.
var start = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// fixture is the whole service in this process, opened and wired as in main.
type fixture struct {
	*app
	t      *testing.T
	deps   *deps
	tel    *telemetry.Recorder
	clock  *testClock
	log    *testkit.Output
	events *eventRecorder
	url    string
}

// newFixture starts a service with the given settings besides those of the tests.
func newFixture(t *testing.T, environ ...string) *fixture {
	t.Helper()
	return startFixture(t, testConfig(t, environ...))
}

func testConfig(t *testing.T, environ ...string) *config.Config {
	t.Helper()
	cfg, err := config.Read(append([]string{"SSS_DATA=" + t.TempDir(), "SSS_RATE=off", "SSS_ORIGIN=https://secrets.example"}, environ...))
	if err != nil {
		t.Fatalf("read settings: %v", err)
	}
	return cfg
}

// startFixture starts a service. Each edit may put a dependency in place of an opened one.
func startFixture(t *testing.T, cfg *config.Config, edits ...func(*deps)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &testClock{wall: start}, log: &testkit.Output{}, events: &eventRecorder{}}
	f.tel = telemetry.New(f.log, cfg.Log)
	var err error
	if f.deps, err = open(t.Context(), cfg, f.tel, f.clock.clock()); err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = f.deps.close() })
	f.deps.events = f.events
	for _, edit := range edits {
		edit(f.deps)
	}
	if f.app, err = newApp(cfg, f.deps, f.tel, f.clock.clock()); err != nil {
		t.Fatalf("new app: %v", err)
	}
	front, err := newFront(cfg, f.handler, f.clock.clock())
	if err != nil {
		t.Fatalf("new front: %v", err)
	}
	server := httptest.NewServer(front)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// hold places a hold on everything, for an hour.
func (f *fixture) hold(modes ...hold.Mode) {
	f.t.Helper()
	h := hold.Hold{
		ID: "drill", Scope: hold.Scope{Kind: hold.ScopeAll}, Modes: modes, Reason: "a drill", Source: "test",
		CreatedAt: f.clock.now(), Until: f.clock.now().Add(time.Hour),
	}
	if _, err := (store.Holds{Partitions: f.deps.store}).Place(f.t.Context(), h); err != nil {
		f.t.Fatalf("place hold: %v", err)
	}
}

// closeStore makes the store fail from now on.
func (f *fixture) closeStore() {
	f.t.Helper()
	if err := f.deps.store.(*bolt.Store).Close(); err != nil {
		f.t.Fatalf("close store: %v", err)
	}
}

// eventRecorder keeps the events that are published or sent. Safe for concurrent use.
type eventRecorder struct {
	mu     sync.Mutex
	events []secret.Event
}

func (r *eventRecorder) Publish(e secret.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *eventRecorder) Send(_ context.Context, events ...secret.Event) error {
	for _, e := range events {
		r.Publish(e)
	}
	return nil
}

// count returns the number of events of a type.
func (r *eventRecorder) count(kind string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Type == kind {
			n++
		}
	}
	return n
}

// testClock stands still until a test moves it. A sleep returns at once and is
// recorded. Safe for concurrent use.
type testClock struct {
	mu     sync.Mutex
	wall   time.Time
	steady time.Duration
	slept  []time.Duration
}

func (c *testClock) clock() clock.Clock {
	return clock.Clock{Now: c.now, Sleep: c.sleep, Steady: func() time.Duration {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.steady
	}}
}

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall
}

func (c *testClock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	return ctx.Err()
}

// sleeps returns the sleeps so far.
func (c *testClock) sleeps() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration{}, c.slept...)
}

// advance lets time pass.
func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.steady = c.wall.Add(d), c.steady+d
}

// step changes the wall clock while no time passes.
func (c *testClock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = c.wall.Add(d)
}
