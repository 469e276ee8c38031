package hosttest

import (
	"context"
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
)

// Host is one running host. Safe for concurrent use.
type Host struct {
	dir       string // absolute
	env       []string
	port      string // of the handler, the same over restarts
	release   func() // gives the port back
	config    config
	functions map[string]host.Function
	routes    *http.ServeMux // matches only
	front     *httptest.Server
	transport *http.Transport
	logs      logs

	// afterFunc is time.AfterFunc, but in tests that decide when a call expires.
	afterFunc func(time.Duration, func()) *time.Timer

	mu      sync.Mutex
	process *process      // the last one started
	ready   *process      // nil while none takes calls
	over    error         // why there will be no other process
	changed chan struct{} // closed when ready or over change
}

// Why calls fail for good: the host starts the handler no more.
var (
	ErrExited  = errors.New("the handler exited with 0, which is not restarted: connection refused")
	ErrCrashed = errors.New("the handler crashed three times, and the host stopped")
	errStopped = errors.New("the host was stopped")
)

// ErrHung is the end of a call that cannot end well: the host waits for
// functionTimeout and two seconds, then kills the handler with all its calls.
var ErrHung = errors.New("the call outlived functionTimeout, and the handler was killed")

// Start starts a host on dir, whose handler sees the variables of env besides
// those of the host. It does not wait: calls do, until the handler listens. When
// the test ends, so does the handler, by SIGKILL.
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
		return nil, err
	}
	functions, err := host.Load(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	port, release, err := reservePort()
	if err != nil {
		return nil, fmt.Errorf("reserve port: %w", err)
	}
	h := &Host{dir: dir, env: env, port: port, release: release, config: config, afterFunc: time.AfterFunc,
		functions: map[string]host.Function{}, routes: http.NewServeMux(), changed: make(chan struct{}),
		// Every connection is new, so that nothing but the rules of the recordings sends a request again.
		transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: -1}}
	for _, f := range functions {
		h.functions[f.Name] = f
		h.route(f)
	}
	return h, nil
}

// URL is the address that clients call, without a slash at its end.
func (h *Host) URL() string { return h.front.URL }

// Pid is the process id of the handler, once it takes calls.
func (h *Host) Pid(ctx context.Context) (int, error) {
	p, err := h.await(ctx)
	if err != nil {
		return 0, err
	}
	return p.cmd.Process.Pid, nil
}

// Kill kills the handler as the host does, and returns when it is dead. Another
// process follows, and takes the calls that come meanwhile.
func (h *Host) Kill() {
	h.mu.Lock()
	p := h.process
	h.mu.Unlock()
	if p != nil {
		h.kill(p)
		<-p.exited
	}
}

// await waits until a process takes calls.
func (h *Host) await(ctx context.Context) (*process, error) {
	for {
		h.mu.Lock()
		ready, over, changed := h.ready, h.over, h.changed
		h.mu.Unlock()
		switch {
		case over != nil:
			return nil, over
		case ready != nil && !ready.gone(): // else another follows
			return ready, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-changed:
		}
	}
}

func (h *Host) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *Host) executable() string {
	return filepath.Join(h.dir, h.config.CustomHandler.Description.DefaultExecutablePath)
}
