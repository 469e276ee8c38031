package hosttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/host/internal/transcript"
)

const transcripts = "../testdata/transcripts"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "handler" {
		runHandler()
		return
	}
	os.Exit(m.Run())
}

// layout makes a directory as it is deployed, with the tests' handler: HTTP
// functions on plain/a and on four segments below plain, and timers.
func layout(t *testing.T, functionTimeout string) string {
	t.Helper()
	dir := t.TempDir()
	put(t, dir, "host.json", fmt.Sprintf(`{"version": "2.0", "functionTimeout": %q, "customHandler": {"description":
		{"defaultExecutablePath": "handler", "arguments": ["--alpha", "beta"]}, "enableProxyingHttpRequest": true}}`, functionTimeout))
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(dir, "handler"))
	}
	if err != nil {
		t.Fatal(err)
	}
	httpFunction(t, dir, "plain", "plain/a")
	httpFunction(t, dir, "deep", "plain/{a}/{b}/{c}/{d}")
	for _, timer := range []string{"sbout", "sbstring", "sbret"} {
		put(t, dir, timer+"/function.json", `{"bindings": [{"type": "timerTrigger", "direction": "in", "name": "timer",
			"schedule": "0 */5 * * * *", "useMonitor": true, "runOnStartup": false}],
			"retry": {"strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "00:00:01"}}`)
	}
	put(t, dir, "probe.json", `{"status": 404}`)
	respond(t, dir, completes)
	return dir
}

func httpFunction(t *testing.T, dir, name, route string) {
	t.Helper()
	put(t, dir, name+"/function.json", fmt.Sprintf(`{"bindings": [{"type": "httpTrigger", "direction": "in", "name": "req",
		"authLevel": "anonymous", "methods": ["get", "head", "post", "put", "patch", "delete"], "route": %q},
		{"type": "http", "direction": "out", "name": "res"}]}`, route))
}

func put(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	// Renamed into place, since a running handler may be about to read it.
	if err := os.WriteFile(file+".new", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// completes is an answer that completes an invocation.
const completes = `{"status": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}`

// respond sets the handler's response to the calls that follow.
func respond(t *testing.T, dir, response string) {
	t.Helper()
	put(t, dir, "response.json", response)
}

// seen is a request as the handler recorded it.
type seen struct {
	Pid     int
	Method  string
	URL     string
	Host    string
	Header  http.Header
	Chunked bool
	Body    []byte
	Env     []string
	Args    []string
	Dir     string
}

// takeRequests returns the requests since the last call.
func takeRequests(t *testing.T, dir string) []seen {
	t.Helper()
	all := requests(t, dir)
	if err := os.RemoveAll(filepath.Join(dir, "requests.jsonl")); err != nil {
		t.Fatal(err)
	}
	return all
}

func requests(t *testing.T, dir string) []seen {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "requests.jsonl"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	data = data[:bytes.LastIndexByte(data, '\n')+1] // the last line may be incomplete
	var all []seen
	for line := range bytes.Lines(data) {
		var s seen
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func checkOutcome(t *testing.T, err error, want transcript.Outcome) {
	t.Helper()
	t.Log(err)
	if completed, hung := err == nil, errors.Is(err, ErrHung); completed != want.Completed || hung != want.Hung || !completed != want.Failed {
		t.Errorf("%v; recorded %+v", err, want)
	}
}
