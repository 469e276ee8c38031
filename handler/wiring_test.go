package main

import (
	"bufio"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

// Readiness covers every dependency that the settings choose.
func TestReadinessCoversEveryDependency(t *testing.T) {
	f := newFixture(t)
	var got api.Health
	f.want(newRequest("GET", "/api/health?ready=1"), 200, "").decode(t, &got)
	if want := map[string]string{"keyring": api.CheckOK, "store": api.CheckOK}; !maps.Equal(got.Checks, want) {
		t.Errorf("checks are %v, want %v", got.Checks, want)
	}
	f = newFixture(t, "SSS_VAULT_URL=https://127.0.0.1:1", "SSS_SERVICEBUS=sb://127.0.0.1:1") // where nothing listens
	var away api.Problem
	f.want(newRequest("GET", "/api/health?ready=1"), 503, "unavailable").decode(t, &away)
	if want := map[string]string{"bus": api.CheckNoAnswer, "store": api.CheckOK, "vault": api.CheckNoAnswer}; !maps.Equal(away.Checks, want) {
		t.Errorf("checks are %v, want %v", away.Checks, want)
	}
}

// The time of a 404 must not reveal whether a row exists. This runs on the real clock.
func TestNotFoundTakesAtLeast100Milliseconds(t *testing.T) {
	p := begin(t, "SSS_LISTEN=127.0.0.1:0", "SSS_DATA="+t.TempDir(), "SSS_RATE=off")
	addr, _ := p.address()
	f := &fixture{t: t, url: "http://" + addr}
	existing := sealedAt(t, terms{}, time.Now())
	f.want(existing.create(), 201, "")
	for name, r := range map[string]request{
		"unknown id": sealed(t, terms{}).status(), "wrong access": existing.status().with(api.HeaderAccess, proofOf("wrong")),
	} {
		const n = 20
		took := make([]time.Duration, n)
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				began := time.Now()
				if got := f.exchange(r); got.status != 404 {
					t.Errorf("%s: status %d", name, got.status)
				}
				took[i] = time.Since(began)
			})
		}
		group.Wait()
		slices.Sort(took)
		if median := took[n/2]; median < 100*time.Millisecond {
			t.Errorf("%s: answered after %s, want at least 100 ms", name, median)
		}
	}
}

// Only a 404 and a 409 wait, and only for what is left of the 100 ms.
func TestOnlyNotFoundAndConflictWait(t *testing.T) {
	f := newFixture(t)
	s, none := f.send(terms{}), sealed(t, terms{})
	want := 0
	for operation, r := range none.calls() {
		if operation == "create" {
			continue
		}
		f.want(r, 404, "not-found")
		f.want(r.to(s.calls()[operation].path), 404, "not-found")
		want += 2
	}
	f.want(s.status(), 200, "")
	f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	f.want(s.read(keyOf("a")), 200, "")
	f.want(s.status(), 410, "gone")
	f.want(s.having("manage_hash", hashOf([]byte("other"))).create(), 409, "conflict")
	want++
	sleeps := f.clock.sleeps()
	if len(sleeps) != want {
		t.Errorf("%d answers waited, want the %d that are 404 or 409", len(sleeps), want)
	}
	for _, d := range sleeps {
		if d != 100*time.Millisecond {
			t.Errorf("an answer waited for %s, want 100 ms", d)
		}
	}
}

// A hold that ended is past for good, so a wall clock that jumps ahead must not end holds.
func TestAClockThatJumpsAheadEndsNoHold(t *testing.T) {
	f := operators(t)
	f.want(holds(`{"scope":{"kind":"all"},"modes":["block-read"],"until":"2026-11-24T10:30:00Z","reason":"drill"}`), 201, "")
	active := func() bool {
		t.Helper()
		if err := f.timers["patrol"](t.Context()); err != nil {
			t.Fatal(err)
		}
		var page api.Holds
		f.want(operates(newRequest("GET", "/api/quarantine")), 200, "").decode(t, &page)
		return len(page.Active) == 1
	}
	f.clock.step(time.Hour)
	if !active() {
		t.Error("the hold ended with the step of the clock")
	}
	f.clock.step(-time.Hour)
	f.clock.advance(31 * time.Minute)
	if active() {
		t.Error("the hold did not end at its time")
	}
}

// blocked is a store whose calls return only when their contexts end.
type blocked struct{ storage }

func (blocked) Peek(ctx context.Context, _ header.ID) (*secret.Record, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (blocked) ActiveHolds(ctx context.Context, _ header.ID) ([]hold.Hold, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestARequestEndsAtItsTimeLimit(t *testing.T) {
	cfg, s := testConfig(t), sealed(t, terms{})
	synctest.Test(t, func(t *testing.T) {
		app, err := newApp(cfg, &deps{store: blocked{}}, telemetry.New(io.Discard, zerolog.InfoLevel), clock.System())
		if err != nil {
			t.Fatal(err)
		}
		began, res, r := time.Now(), httptest.NewRecorder(), s.status()
		req := httptest.NewRequest(r.method, r.path, nil)
		req.Header = r.header
		app.handler.ServeHTTP(res, req)
		if took := time.Since(began); res.Code != 503 || took != 45*time.Second {
			t.Errorf("status %d after %s, want 503 after 45s", res.Code, took)
		}
	})
}

// A body that pauses, or does not arrive in time, is refused.
func TestABodyMustArriveInTime(t *testing.T) {
	cfg := testConfig(t)
	const head = "POST /api/secrets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, at := range map[string]struct {
		text, again string // again is sent every second
		want        time.Duration
	}{
		"length, silent":  {head + "Content-Length: 100\r\n\r\n{", "", 10 * time.Second},
		"chunked, silent": {head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "", 10 * time.Second},
		"length, slow":    {head + "Content-Length: 100\r\n\r\n{", " ", 30 * time.Second},
		"chunked, slow":   {head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "1\r\n \r\n", 30 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			server, l := serveInMemory(t, cfg)
			conn := l.dial()
			began, written := time.Now(), make(chan struct{})
			go func() {
				defer close(written)
				_, err := io.WriteString(conn, at.text)
				for err == nil && at.again != "" {
					time.Sleep(time.Second)
					_, err = io.WriteString(conn, at.again)
				}
			}()
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			body, err := io.ReadAll(res.Body)
			if took := time.Since(began); err != nil || res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(body), `"field":"body"`) || took != at.want {
				t.Errorf("%s: status %d after %s, want 422 after %s: %s, %v", name, res.StatusCode, took, at.want, body, err)
			}
			_, _ = conn.Close(), server.Close()
			<-written
		})
	}
}

// The store must be open until the last request and the last timer are done with it.
func TestDependenciesCloseAfterRequestsAndTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed atomic.Bool
		request, timer := make(chan struct{}), make(chan struct{})
		a := &app{
			run:   func(ctx context.Context) { <-ctx.Done(); <-timer },
			close: func() error { closed.Store(true); return nil },
		}
		handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-request })
		l := newMemoryListener()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error)
		go func() {
			done <- serve(ctx, []server{{l, handler}}, func(context.Context) (*app, error) { return a, nil })
		}()
		conn := l.dial()
		go func() { _, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") }()
		go func() { _, _ = io.Copy(io.Discard, conn) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if closed.Load() {
			t.Error("closed while a request and a timer were running")
		}
		close(request)
		time.Sleep(time.Second) // of the bubble's clock: the server looks for idle connections now and then
		synctest.Wait()
		if closed.Load() {
			t.Error("closed while a timer was running")
		}
		close(timer)
		if err := <-done; err != nil || !closed.Load() {
			t.Errorf("closed: %v, error: %v", closed.Load(), err)
		}
		_ = conn.Close()
	})
}

func TestDependenciesCloseWhenTheStartFails(t *testing.T) {
	cfg := testConfig(t, "SSS_VAULT_URL=https://127.0.0.1:1", "SSS_SERVICEBUS=sb://127.0.0.1:1", "SSS_ORIGIN=https://secrets.example")
	if err := spoilAdminKey(cfg.Data); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second fails if the first has left the store open
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := open(ctx, cfg, telemetry.New(io.Discard, zerolog.InfoLevel), clock.System()); err == nil || !strings.Contains(err.Error(), "does not contain a key") {
			t.Errorf("open: %v", err)
		}
	}
}

// A Table service that is away is asked again after a pause, not in a loop.
func TestOpenPausesWhileTheTableServiceIsAway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked atomic.Int32
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 100 {
			cancel() // the loop has no pause
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer away.Close()
	c := &testClock{wall: start}
	clk := c.clock()
	clk.Sleep = func(ctx context.Context, d time.Duration) error {
		if err := c.sleep(ctx, d); err != nil || len(c.sleeps()) == 3 {
			cancel()
		}
		return ctx.Err()
	}
	cfg := testConfig(t, "SSS_TABLE_URL="+away.URL+"/devstoreaccount1")
	if _, err := open(ctx, cfg, telemetry.New(io.Discard, zerolog.InfoLevel), clk); err == nil {
		t.Error("opened a table service that is away")
	}
	if got, want := c.sleeps(), []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second}; !slices.Equal(got, want) {
		t.Errorf("paused for %v, want %v", got, want)
	}
}

// memoryListener is a listener without a network, whose waiting a synctest bubble
// can see.
type memoryListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newMemoryListener() *memoryListener {
	return &memoryListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// serveInMemory serves the service without its dependencies. The caller closes the server.
func serveInMemory(t *testing.T, cfg *config.Config) (*http.Server, *memoryListener) {
	t.Helper()
	app, err := newApp(cfg, &deps{}, telemetry.New(io.Discard, zerolog.InfoLevel), clock.System())
	if err != nil {
		t.Fatal(err)
	}
	l := newMemoryListener()
	server := &http.Server{Handler: app.handler}
	go func() { _ = server.Serve(l) }()
	return server, l
}

func (l *memoryListener) dial() net.Conn {
	here, there := net.Pipe()
	l.conns <- there
	return here
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (*memoryListener) Addr() net.Addr { return &net.TCPAddr{} }
