package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

func quiet() *telemetry.Recorder { return telemetry.New(io.Discard, zerolog.ErrorLevel) }

func TestReadinessAsksAtMostOnceInTenSeconds(t *testing.T) {
	c := &testClock{wall: start}
	var asked atomic.Int32
	r := &readiness{now: c.now, tel: quiet(), pings: map[string]func(context.Context) error{"store": func(context.Context) error { asked.Add(1); return nil }}}
	for _, at := range []struct {
		advance time.Duration
		want    int32
	}{{0, 1}, {9999 * time.Millisecond, 1}, {time.Millisecond, 2}, {time.Hour, 3}, {-2 * time.Hour, 4}, {time.Second, 4}} {
		c.advance(at.advance)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if checks, ok := r.check(t.Context()); !ok || checks["store"] != "ok" {
					t.Errorf("%v, %t", checks, ok)
				}
			})
		}
		group.Wait()
		if got := asked.Load(); got != at.want {
			t.Errorf("after %s more the store was asked %d times, want %d", at.advance, got, at.want)
		}
	}
}

// A dependency that does not answer is named. The others are asked nevertheless, and the
// result is kept for 10 s.
func TestReadinessNamesTheDependency(t *testing.T) {
	c := &testClock{wall: start}
	broken := errors.New("broken")
	r := &readiness{now: c.now, tel: quiet(), pings: map[string]func(context.Context) error{
		"store": func(context.Context) error { return broken }, "vault": func(context.Context) error { return nil },
	}}
	checks, ok := r.check(t.Context())
	if want := map[string]string{"store": "no answer", "vault": "ok"}; ok || !maps.Equal(checks, want) {
		t.Errorf("%v, %t", checks, ok)
	}
	broken = nil
	if _, ok := r.check(t.Context()); ok {
		t.Error("the answer was not kept")
	}
	c.advance(readyAge)
	if _, ok := r.check(t.Context()); !ok {
		t.Error("the answer was kept too long")
	}
}

// A store that answers and refuses creates is not ready, and says why.
func TestReadinessSaysThatTheStoreIsFull(t *testing.T) {
	r := &readiness{now: time.Now, tel: quiet(), pings: map[string]func(context.Context) error{
		"store": func(context.Context) error { return fmt.Errorf("ping store: %w", secret.ErrFull) },
	}}
	if checks, ok := r.check(t.Context()); ok || checks["store"] != api.CheckFull {
		t.Errorf("%v, %t", checks, ok)
	}
}

// Missing keys leave the service ready for the other secrets. The log says what is
// wrong once, until it changes.
func TestReadinessSaysThatKeysAreMissing(t *testing.T) {
	c, log := &testClock{wall: start}, &testkit.Output{}
	cause := fmt.Errorf("kek-2026w47: %w", secret.ErrKeyGone)
	r := &readiness{now: c.now, tel: telemetry.New(log, zerolog.ErrorLevel), pings: map[string]func(context.Context) error{
		"keyring": func(context.Context) error { return cause },
	}}
	for _, step := range []struct {
		cause error
		want  string
		ok    bool
		lines int
	}{
		{cause, api.CheckDegraded, true, 1}, {cause, api.CheckDegraded, true, 1}, {errors.New("away"), api.CheckNoAnswer, false, 2},
		{nil, api.CheckOK, true, 2}, {cause, api.CheckDegraded, true, 3},
	} {
		cause = step.cause
		checks, ok := r.check(t.Context())
		if checks["keyring"] != step.want || ok != step.ok || strings.Count(log.String(), "\n") != step.lines {
			t.Errorf("%v: %v, %t, logged\n%s", cause, checks, ok, log)
		}
		c.advance(readyAge)
	}
	if !strings.Contains(log.String(), "kek-2026w47") {
		t.Errorf("the log does not name the key:\n%s", log)
	}
}

// The answer is for all callers, even if the one that asked goes away.
func TestReadinessOutlivesItsCaller(t *testing.T) {
	r := &readiness{now: time.Now, tel: quiet(), pings: map[string]func(context.Context) error{"store": func(ctx context.Context) error {
		if _, limited := ctx.Deadline(); !limited {
			return errors.New("no deadline")
		}
		return ctx.Err()
	}}}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if checks, ok := r.check(gone); !ok {
		t.Errorf("%v", checks)
	}
}

func TestHealthNamesTheDependencyThatIsAway(t *testing.T) {
	f := newFixture(t)
	f.want(newRequest("GET", "/api/health?ready=1"), 200, "")
	f.closeStore()
	f.want(newRequest("GET", "/api/health?ready=1"), 200, "") // at most 10 s old
	f.clock.advance(readyAge)
	var got api.Problem
	f.want(newRequest("GET", "/api/health?ready=1"), 503, "unavailable").decode(t, &got)
	if want := map[string]string{"store": "no answer", "keyring": "ok"}; !maps.Equal(got.Checks, want) {
		t.Errorf("checks are %v", got.Checks)
	}
	f.want(newRequest("HEAD", "/api/health?ready=1"), 503, "")
	f.want(newRequest("GET", "/api/health"), 200, "") // the process lives
}
