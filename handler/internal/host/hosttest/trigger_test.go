package hosttest

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/host/internal/transcript"
)

func TestAnswersAreJudgedAsRecorded(t *testing.T) {
	neverAnswered := map[string]bool{"resp-never": true, "resp-headers-then-never": true}
	dir := layout(t, "00:01:00")
	h, expiries := startExpiring(t, dir)
	for _, c := range transcript.Load(t, transcripts, "resp-*") {
		t.Run(c.Name, func(t *testing.T) {
			respond(t, dir, string(c.Response))
			outcome := trigger(t, h, c.Function)
			expire := <-expiries
			if neverAnswered[c.Name] {
				awaitRequests(t, dir, 1)
				expire()
			}
			checkOutcome(t, <-outcome, c.Outcome)
			checkCount(t, c, len(takeRequests(t, dir)))
		})
	}
}

// trigger invokes a timer in the background.
func trigger(t *testing.T, h *Host, name string) <-chan error {
	outcome := make(chan error, 1)
	go func() { outcome <- h.Trigger(t.Context(), name) }()
	return outcome
}

func TestInvocationsInFlightEndAsRecorded(t *testing.T) {
	cases := transcript.Load(t, transcripts, "inflight-*")
	hangs, healthy, late := cases[0], cases[1], cases[2]
	dir := layout(t, "00:01:00")
	h, expiries := startExpiring(t, dir)
	respond(t, dir, string(hangs.Response))
	hung := trigger(t, h, hangs.Function)
	expire := <-expiries
	awaitRequests(t, dir, 1)
	respond(t, dir, string(healthy.Response))
	killed := trigger(t, h, healthy.Function)
	awaitRequests(t, dir, 2)
	respond(t, dir, string(late.Response))
	expire()
	checkOutcome(t, <-hung, hangs.Outcome)
	checkOutcome(t, h.Trigger(t.Context(), late.Function), late.Outcome)
	checkOutcome(t, <-killed, healthy.Outcome)
	if n := len(requests(t, dir)); n != 3 {
		t.Errorf("reached the handler %d times", n)
	}
}

func TestATimerIsInvokedAsRecorded(t *testing.T) {
	dir := layout(t, "00:01:00")
	h := Start(t, dir, nil)
	if err := h.Trigger(t.Context(), "sbout"); err != nil {
		t.Fatal(err)
	}
	got := takeRequests(t, dir)[0]
	for _, c := range transcript.Load(t, transcripts, "timer-schedulestatus-first-run", "timer-retry-attempt-1") {
		recorded := c.Request.HTTP(t)
		recorded.Header.Del("Host")
		recorded.Header.Del("Transfer-Encoding")
		if names := slices.Sorted(maps.Keys(got.Header)); !slices.Equal(names, slices.Sorted(maps.Keys(recorded.Header))) {
			t.Errorf("headers %v, recorded %v", names, recorded.Header)
		}
		for _, name := range []string{"Content-Type", "User-Agent", "X-Azure-Functions-Hostversion"} {
			if got.Header.Get(name) != recorded.Header.Get(name) {
				t.Errorf("%s: %s, recorded %s", name, got.Header.Get(name), recorded.Header.Get(name))
			}
		}
		if !got.Chunked || got.Method != http.MethodPost || got.URL != "/sbout" {
			t.Errorf("%+v", got)
		}
		for _, name := range members(t, c.Request.Bytes()) {
			if !slices.Contains(members(t, got.Body), name) {
				t.Errorf("no %s in %s", name, got.Body)
			}
		}
	}
}

// members returns the paths of all values in a JSON object, with their kinds.
func members(t *testing.T, data []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	var paths []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		object, ok := v.(map[string]any)
		if !ok || len(object) == 0 {
			paths = append(paths, strings.TrimSuffix(path, ".ScheduleStatus")+" "+kind(v))
		}
		for name, value := range object {
			walk(path+"."+name, value)
		}
	}
	walk("", v)
	return slices.DeleteFunc(paths, func(p string) bool { return strings.HasSuffix(p, ".Data.timer <nil>") })
}

func kind(v any) string {
	if v == nil {
		return "<nil>"
	}
	return reflect.TypeOf(v).Kind().String()
}

func TestTriggerRefusesOtherFunctions(t *testing.T) {
	h := Start(t, layout(t, "00:01:00"), nil)
	for _, name := range []string{"plain", "nothing"} {
		if err := h.Trigger(t.Context(), name); err == nil {
			t.Errorf("%s was invoked", name)
		}
	}
}

func TestExitsAreTreatedAsRecorded(t *testing.T) {
	for name, names := range map[string][]string{
		"0":          {"proc-exit-0", "proc-after-exit-0-connection-refused"},
		"1":          {"proc-exit-1-first", "proc-after-exit-1-ok"},
		"200":        {"proc-exit-200-restart", "proc-exit-200-restart-again", "proc-after-restart-ok"},
		"1, 1 and 1": {"proc-crash-1", "proc-crash-2", "proc-crash-3"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := layout(t, "00:01:00")
			h := Start(t, dir, nil)
			var last transcript.Case
			for _, c := range transcript.Load(t, transcripts, names...) {
				respond(t, dir, completes)
				if c.Response != nil {
					respond(t, dir, string(c.Response))
				}
				checkOutcome(t, h.Trigger(t.Context(), c.Function), c.Outcome)
				last = c
			}
			if err := h.Trigger(t.Context(), "sbout"); last.Name == "proc-crash-3" && (last.Restarted || !errors.Is(err, ErrCrashed)) {
				t.Errorf("after the third crash: %v", err)
			}
		})
	}
}

func TestTwoCrashesAndAnyExitsWith200AreAllowed(t *testing.T) {
	for name, c := range map[string]struct {
		codes []string
		then  error
	}{
		"0":                   {[]string{"0"}, ErrExited},
		"200 does not count":  {[]string{"200", "200", "200", "200", "200"}, nil},
		"the codes of all":    {[]string{"1", "2", "3"}, ErrCrashed},
		"200 between crashes": {[]string{"1", "200", "1", "200", "1"}, ErrCrashed},
	} {
		t.Run(name, func(t *testing.T) {
			dir := layout(t, "00:01:00")
			h := Start(t, dir, nil)
			for _, code := range c.codes {
				respond(t, dir, `{"exit": `+code+`}`)
				if err := h.Trigger(t.Context(), "sbout"); err == nil || errors.Is(err, ErrExited) || errors.Is(err, ErrCrashed) {
					t.Fatalf("at the exit with %s: %v", code, err)
				}
			}
			respond(t, dir, completes)
			if err := h.Trigger(t.Context(), "sbout"); !errors.Is(err, c.then) {
				t.Errorf("then: %v, want %v", err, c.then)
			}
		})
	}
}
