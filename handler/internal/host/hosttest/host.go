// Package hosttest is a double of the Azure Functions host. [Start] reads a
// directory as it is deployed (host.json, the executable that it names,
// <name>/function.json), starts the executable, and treats it as the real host was
// recorded to do: it polls GET /, proxies HTTP functions, posts invocations of
// timers and checks their answers, repeats requests, kills with SIGKILL and restarts.
//
//	h := hosttest.Start(t, "../../../dist", []string{"SSS_TABLE_URL=" + table})
//	res, err := http.Get(h.URL() + "/api/health") // waits for the handler
//	err = h.Trigger(t.Context(), "purge")         // nil: the host considers it completed
//	h.Kill()                                      // the next call reaches another process
//
// It leaves out: the time limit of the handler's start, retries of timers
// ([Host.Trigger] is one attempt), schedules, probes of a ready handler, CORS, other
// triggers than HTTP and timers, pooled connections to the handler, and the older
// proxy that keeps Host and X-Forwarded-*. Linux only.
package hosttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// Host is one running host. Safe for concurrent use.
type Host struct {
	Out *testkit.Output // standard output and standard error of all processes

	dir       string // absolute
	env       []string
	port      string // of the handler, the same for all its processes
	release   func() // frees the port
	config    config
	functions map[string]host.Function
	routes    *http.ServeMux // only matches
	front     *httptest.Server
	transport *http.Transport

	// afterFunc is time.AfterFunc, except in tests that decide when a call expires.
	afterFunc func(time.Duration, func()) *time.Timer

	mu      sync.Mutex
	process *process      // the last one started
	ready   *process      // the one that takes calls, or nil
	over    error         // why no other process will be started
	changed chan struct{} // closed when ready or over changes
}

// Errors of calls after the host has given up on the handler.
var (
	ErrExited  = errors.New("the handler exited with 0 and is not restarted: connection refused")
	ErrCrashed = errors.New("the handler crashed three times, and the host stopped")
	errStopped = errors.New("the host was stopped")
)

// ErrHung is the error of a call that ends only when the host kills the handler
// with all its calls, two seconds after functionTimeout.
var ErrHung = errors.New("the call outlived functionTimeout, and the handler was killed")

// killGrace is how long the host waits after functionTimeout.
const killGrace = 2 * time.Second

// Start starts a host on dir. Its handler gets the variables of env in addition to
// the host's. Start does not wait for the handler; calls do. The handler is killed
// when the test ends.
func Start(t testing.TB, dir string, env []string) *Host {
	t.Helper()
	h, err := newHost(dir, env)
	if err != nil {
		t.Fatalf("start host on %s: %v", dir, err)
	}
	h.run(t)
	return h
}

func (h *Host) run(t testing.TB) {
	h.front = httptest.NewServer(h)
	supervised := make(chan struct{})
	go func() {
		defer close(supervised)
		h.supervise()
	}()
	t.Cleanup(func() {
		h.stop()
		<-supervised
		h.front.Close()
		h.release()
	})
}

func newHost(dir string, env []string) (*Host, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	config, err := readConfig(dir)
	if err != nil {
		return nil, fmt.Errorf("host.json: %w", err)
	}
	functions, err := host.Load(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	port, release, err := reservePort()
	if err != nil {
		return nil, fmt.Errorf("reserve port: %w", err)
	}
	h := &Host{Out: &testkit.Output{}, dir: dir, env: env, port: port, release: release, config: config, afterFunc: time.AfterFunc,
		functions: map[string]host.Function{}, routes: http.NewServeMux(), changed: make(chan struct{}),
		// Without connections to reuse, net/http repeats no request by itself.
		transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: -1}}
	for _, f := range functions {
		h.functions[f.Name] = f
		if f.HTTP != nil {
			for _, method := range f.HTTP.Methods {
				h.routes.Handle(method+" "+host.Prefix+f.HTTP.Route, http.NotFoundHandler())
			}
		}
	}
	return h, nil
}

// config is the part of host.json that is used.
type config struct {
	Version         string
	FunctionTimeout string
	CustomHandler   struct {
		Description struct {
			DefaultExecutablePath string
			Arguments             []string
		}
		EnableProxyingHTTPRequest bool `json:"enableProxyingHttpRequest"`
	}
	Extensions struct{ HTTP struct{ RoutePrefix *string } }

	limit time.Duration // of a call; then the handler is killed
}

func readConfig(dir string) (c config, err error) {
	data, err := os.ReadFile(filepath.Join(dir, "host.json")) // #nosec G304 -- of the test
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, err
	}
	timeout, err := host.ParseInterval(c.FunctionTimeout)
	if err != nil {
		return c, fmt.Errorf("functionTimeout: %w", err)
	}
	c.limit = timeout + killGrace
	prefix := c.Extensions.HTTP.RoutePrefix
	if c.Version != "2.0" || !c.CustomHandler.EnableProxyingHTTPRequest || prefix != nil && *prefix != "api" {
		return c, fmt.Errorf("want version 2.0, proxied HTTP and the route prefix api: %s", data)
	}
	// The real host would run without a handler.
	info, err := os.Stat(filepath.Join(dir, c.CustomHandler.Description.DefaultExecutablePath))
	if err == nil && (!info.Mode().IsRegular() || info.Mode()&0o111 == 0) {
		err = fmt.Errorf("%s is not executable: mode %v", info.Name(), info.Mode())
	}
	return c, err
}

// URL returns the address for clients, without a trailing slash.
func (h *Host) URL() string { return h.front.URL }

// Kill kills the handler as the host does, and returns when it is dead. Calls that
// arrive in between wait for the next process.
func (h *Host) Kill() {
	h.mu.Lock()
	p := h.process
	h.mu.Unlock()
	if p != nil {
		h.kill(p)
		<-p.exited
	}
}
