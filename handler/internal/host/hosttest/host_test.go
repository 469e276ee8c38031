package hosttest

import (
	"context"
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
)

// startExpiring starts a host whose calls expire when the test says so: each call
// sends the function that lets it.
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

func TestADirectoryMayBeRelative(t *testing.T) {
	dir := layout(t, "00:01:00")
	t.Chdir(filepath.Dir(dir))
	if status := get(t, Start(t, filepath.Base(dir), nil)); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

func TestOutputIsLoggedWithItsLevel(t *testing.T) {
	h := Start(t, layout(t, "00:01:00"), nil)
	for _, want := range []Line{
		{"Information", "a line of output"},
		{"Error", "a line of errors"},
		{"Warning", "a WARNING"},
	} {
		got, err := h.AwaitLog(t.Context(), func(l Line) bool { return l.Text == want.Text })
		if err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
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
	awaitLine(t, h, "a line of output") // it runs, and does not listen
	if len(status)+len(outcome) != 0 {
		t.Error("a call did not wait")
	}
	remove(t, dir, "wait")
	checkOutcome(t, <-outcome, recorded.Outcome)
	if status := <-status; status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

func TestProbesAreJudgedAsRecorded(t *testing.T) {
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
				if n, err := h.Pid(over); err == nil {
					t.Errorf("process %d takes calls", n)
				}
				put(t, dir, "probe.json", `{"status": 200}`)
				h.Kill() // nothing else would end it
			}
			pid(t, h)
		})
	}
}

func TestKillStartsAnother(t *testing.T) {
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

func TestOneExpiredCallTakesTheOthersAlong(t *testing.T) {
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

func TestAClientThatGoesAwayIsGoneForTheHandler(t *testing.T) {
	dir := layout(t, "00:01:00")
	h := Start(t, dir, nil)
	respond(t, dir, `{"hang": true}`)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL()+"/api/plain/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		awaitRequests(t, dir, 1)
		cancel()
	}()
	if res, err := http.DefaultClient.Do(r); err == nil {
		_ = res.Body.Close()
		t.Errorf("answered %s", res.Status)
	}
	awaitLine(t, h, "the host is gone")
}

func TestThePortIsKeptForTheHandler(t *testing.T) {
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

func awaitLine(t *testing.T, h *Host, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := h.AwaitLog(ctx, func(l Line) bool { return l.Text == text }); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
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

func pid(t *testing.T, h *Host) int {
	t.Helper()
	n, err := h.Pid(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// awaitRequests waits until the handler has seen n requests.
func awaitRequests(t *testing.T, dir string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for len(requests(t, dir)) < n {
		select {
		case <-ctx.Done():
			t.Errorf("the handler has not seen %d requests", n)
			return
		case <-time.After(probeInterval):
		}
	}
}
