package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/keycheck"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

const (
	readyAge  = 10 * time.Second // how old an answer about the dependencies may be
	readyTime = 5 * time.Second  // how long they may take to answer
	askTime   = 10 * time.Second // how long handler health waits
)

// health reports that the process lives; with ?ready=1 whether its dependencies answer.
func (s *service) health(ctx context.Context, r *http.Request) (answer, error) {
	switch values := r.URL.Query()["ready"]; {
	case len(values) == 0:
		return answer{http.StatusOK, api.Health{Status: api.HealthLive}}, nil
	case len(values) > 1 || values[0] != "1":
		return answer{}, &secret.InvalidError{Field: "ready", Reason: "must be 1, and sent once"}
	}
	checks, ok := s.ready.check(ctx)
	if !ok {
		return answer{}, &notReadyError{checks}
	}
	return answer{http.StatusOK, api.Health{Status: api.HealthReady, Checks: checks}}, nil
}

// notReadyError means that a dependency does not answer, or that the store is full.
type notReadyError struct{ checks map[string]string }

func (*notReadyError) Error() string { return "a dependency does not answer, or the store is full" }

// readiness asks the dependencies whether they are ready, at most once in readyAge, and
// logs why one is not when that changes. Safe for concurrent use.
type readiness struct {
	pings map[string]func(context.Context) error
	now   func() time.Time
	tel   *telemetry.Recorder

	mu     sync.Mutex
	asked  time.Time
	checks map[string]string
	ok     bool
}

// check returns the result for each dependency, and whether all of them are ready.
func (c *readiness) check(ctx context.Context) (checks map[string]string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := c.now().Sub(c.asked); c.checks != nil && age >= 0 && age < readyAge {
		return c.checks, c.ok
	}
	// The answer is for all callers, so it outlives the one that asked.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTime)
	defer cancel()
	c.checks, c.ok = c.ask(ctx)
	c.asked = c.now()
	return c.checks, c.ok
}

func (c *readiness) ask(ctx context.Context) (checks map[string]string, ok bool) {
	var mu sync.Mutex
	var group sync.WaitGroup
	checks, ok = map[string]string{}, true
	for name, ping := range c.pings {
		group.Go(func() {
			err := ping(ctx)
			mu.Lock()
			defer mu.Unlock()
			checks[name] = resultOf(err)
			if err != nil && checks[name] != c.checks[name] {
				c.tel.Fault(name+": "+checks[name], err)
			}
			ok = ok && (checks[name] == api.CheckOK || checks[name] == api.CheckDegraded) // the other secrets are served
		})
	}
	group.Wait()
	return checks, ok
}

// resultOf returns the result of a check for the error of a ping.
func resultOf(err error) string {
	switch {
	case err == nil:
		return api.CheckOK
	case keycheck.Lacks(err):
		return api.CheckDegraded
	case errors.Is(err, secret.ErrFull):
		return api.CheckFull
	}
	return api.CheckNoAnswer
}

// askHealth asks the process that runs with these settings whether it is ready. With a
// full store it is, and out says so: a start or a container must not fail because
// creates are refused, while everything stored can be read.
func askHealth(ctx context.Context, environ []string, out io.Writer) error {
	cfg, err := config.Read(environ)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+dialAddress(cfg.Listen)+"/api/health?ready=1", nil)
	if err != nil {
		return fmt.Errorf("check health: %w", err)
	}
	client := http.Client{Transport: &http.Transport{}} // without a proxy
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("check health: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	var answer api.Problem
	_ = json.NewDecoder(response.Body).Decode(&answer) // of another program there are no checks
	full := false
	for name, result := range answer.Checks {
		full = full || result == api.CheckFull
		if result == api.CheckNoAnswer {
			return fmt.Errorf("not ready: status %d, %s: %s", response.StatusCode, name, result)
		}
	}
	if !full {
		return fmt.Errorf("not ready: status %d", response.StatusCode)
	}
	_, err = fmt.Fprintln(out, "the store is full: creates are refused, everything else works")
	return err
}

// dialAddress returns the address to call for a listening address: loopback in place
// of all interfaces.
func dialAddress(listen string) string {
	name, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(name); err == nil && (name == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}
