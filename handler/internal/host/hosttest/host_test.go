package hosttest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/host/internal/transcript"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// startExpiring starts a host whose calls expire when the test decides. Each call
// sends the function that expires it.
func startExpiring(t *testing.T, dir string) (*Host, <-chan func()) {
	t.Helper()
	h, err := newHost(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	expiries := make(chan func(), 100)
	h.afterFunc = func(_ time.Duration, expire func()) *time.Timer {
		expiries <- expire
		return time.NewTimer(time.Hour)
	}
	h.run(t)
	return h, expiries
}

func TestTheHandlerIsStartedAsRecorded(t *testing.T) {
	recorded := transcript.Load(t, transcripts, "proc-start")[0]
	dir := layout(t, "00:01:00")
	h := Start(t, dir, []string{"SOME_SETTING=some value"})
	get(t, h)
	got := takeRequests(t, dir)[0]
	for _, setting := range []string{"SOME_SETTING=some value", "FUNCTIONS_CUSTOMHANDLER_PORT=" + h.port, "FUNCTIONS_HTTPWORKER_PORT=" + h.port,
		"FUNCTIONS_APP_ROOT_PATH=" + dir} {
		if !slices.Contains(got.Env, setting) {
			t.Errorf("no %s in %q", setting, got.Env)
		}
	}
	for name := range recorded.EnvironmentAdded {
		if !slices.ContainsFunc(got.Env, func(s string) bool { return strings.HasPrefix(s, name+"=") }) {
			t.Errorf("no %s in %q", name, got.Env)
		}
	}
	if !slices.Equal(got.Args, recorded.Argv) || got.Dir != dir {
		t.Errorf("started in %s with %q", got.Dir, got.Args)
	}
}

func TestTheDirectoryMayBeRelative(t *testing.T) {
	dir := layout(t, "00:01:00")
	t.Chdir(filepath.Dir(dir))
	if status := get(t, Start(t, filepath.Base(dir), nil)); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

func TestCallsWaitForTheHandler(t *testing.T) {
	recorded := transcript.Load(t, transcripts, "proc-message-before-worker-ready")[0]
	dir := layout(t, "00:01:00")
	put(t, dir, "wait", "")
	h := Start(t, dir, nil)
	status := make(chan int, 1)
	go func() { status <- get(t, h) }()
	outcome := trigger(t, h, "sbstring")
	awaitLine(t, h, "a line of output") // it runs and does not listen
	if len(status)+len(outcome) != 0 {
		t.Error("a call did not wait")
	}
	remove(t, dir, "wait")
	checkOutcome(t, <-outcome, recorded.Outcome)
	if status := <-status; status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

func TestProbesCountAsRecorded(t *testing.T) {
	for name, response := range map[string]string{"500": `{"status": 500}`, "reset": `{"destroy": true}`, "hang": `{"hang": true}`} {
		t.Run(name, func(t *testing.T) {
			recorded := transcript.Load(t, transcripts, "proc-ready-probe-"+name)[0]
			dir := layout(t, "00:01:00")
			put(t, dir, "probe.json", response)
			h := Start(t, dir, nil)
			awaitLine(t, h, "a probe")
			if !recorded.BecameReady {
				over, cancel := context.WithCancel(t.Context())
				cancel()
				if _, err := h.await(over); err == nil {
					t.Error("it takes calls")
				}
				put(t, dir, "probe.json", `{"status": 200}`)
				h.Kill() // only this ends the hanging probe
			}
			pid(t, h)
		})
	}
}

func TestAnotherProcessFollowsAKill(t *testing.T) {
	dir := layout(t, "00:01:00")
	h := Start(t, dir, nil)
	for range 4 { // more than the crashes that are allowed
		before := pid(t, h)
		h.Kill()
		if status := get(t, h); status != http.StatusOK {
			t.Errorf("after the kill: %d", status)
		}
		if pid(t, h) == before {
			t.Error("the same process")
		}
	}
}

func TestOneExpiredCallKillsTheOthers(t *testing.T) {
	recorded := transcript.Load(t, transcripts, "proxy-never-until-timeout")[0]
	dir := layout(t, "00:01:00")
	h, expiries := startExpiring(t, dir)
	respond(t, dir, string(recorded.Response))
	innocent, expired := make(chan int, 1), make(chan int, 1)
	go func() { innocent <- get(t, h) }()
	<-expiries
	awaitRequests(t, dir, 1)
	go func() { expired <- get(t, h) }()
	expire := <-expiries
	awaitRequests(t, dir, 2)
	respond(t, dir, `{"status": 200, "body": "again"}`)
	expire()
	if status := <-expired; status != recorded.HostResponse.Status {
		t.Errorf("the expired call got %d", status)
	}
	if status := <-innocent; status != http.StatusOK {
		t.Errorf("the other call got %d", status)
	}
	awaitRequests(t, dir, 2*recorded.RequestCount)
	first, last := requests(t, dir)[0], requests(t, dir)[3]
	if first.Pid == last.Pid {
		t.Error("it was not killed")
	}
}

func TestACancelledCallIsCancelledForTheHandler(t *testing.T) {
	dir := layout(t, "00:01:00")
	h := Start(t, dir, nil)
	respond(t, dir, `{"hang": true}`)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL()+"/api/plain/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() {
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = res.Body.Close()
		}
		failed <- err
	}()
	awaitRequests(t, dir, 1)
	cancel()
	if err := <-failed; err == nil {
		t.Error("it was answered")
	}
	awaitLine(t, h, "the host is gone")
}

func TestTheReservedPortCanBeListenedOn(t *testing.T) {
	port, release, err := reservePort()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABadLayoutIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"no host.json":       func(t *testing.T, dir string) { remove(t, dir, "host.json") },
		"no functionTimeout": func(t *testing.T, dir string) { put(t, dir, "host.json", `{"version": "2.0"}`) },
		"no proxying": func(t *testing.T, dir string) {
			put(t, dir, "host.json", `{"version": "2.0", "functionTimeout": "00:01:00"}`)
		},
		"no handler": func(t *testing.T, dir string) { remove(t, dir, "handler") },
		"not executable": func(t *testing.T, dir string) {
			remove(t, dir, "handler")
			put(t, dir, "handler", "")
		},
		"bad function": func(t *testing.T, dir string) { put(t, dir, "bad/function.json", `{}`) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := layout(t, "00:01:00")
			spoil(t, dir)
			_, err := newHost(dir, nil)
			if err == nil {
				t.Fatal("it was started")
			}
			t.Log(err)
		})
	}
}

func awaitLine(t *testing.T, h *Host, line string) {
	t.Helper()
	testkit.Await(t, line, func() bool { return strings.Contains(h.Out.String(), line+"\n") }, h.Out)
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// get calls the function plain and returns the status, 0 for none.
func get(t *testing.T, h *Host) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL()+"/api/plain/a", nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// pid returns the process id of the handler that takes calls.
func pid(t *testing.T, h *Host) int {
	t.Helper()
	p, err := h.await(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p.cmd.Process.Pid
}

// awaitRequests waits until the handler has recorded n requests.
func awaitRequests(t *testing.T, dir string, n int) {
	t.Helper()
	testkit.Await(t, fmt.Sprintf("%d requests", n), func() bool { return len(requests(t, dir)) >= n })
}
