package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

const invocation = "8d5c1a6e-2f0b-4c39-9f7e-0a1b2c3d4e5f"

func TestRequestsAreLoggedByTheirPattern(t *testing.T) {
	f := newFixture(t, "SSS_LOG=debug")
	s := f.send(terms{})
	f.want(s.status().with("X-Azure-Functions-InvocationId", invocation), 200, "")
	line := f.line("request")
	for name, want := range map[string]any{
		"level": "info", "operation": "status", "route": "/api/secrets/{id}", "status": 200.0, "invocation_id": invocation, "message": "status",
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
	if at, err := time.Parse(time.RFC3339Nano, line["time"].(string)); err != nil || at.IsZero() {
		t.Errorf("time is %v", line["time"])
	}
	if took, is := line["duration_ms"].(float64); !is || took < 0 {
		t.Errorf("duration_ms is %v", line["duration_ms"])
	}
	f.want(wrong(s.read(keyOf("a")), 1).with("X-Azure-Functions-InvocationId", "forged {}"), 403, "wrong-passphrase")
	if line := f.line("request"); line["error"] != "wrong claim" || line["level"] != "info" || line["invocation_id"] != nil {
		t.Errorf("logged %v", line)
	}
	f.want(newRequest("GET", "/api/health"), 200, "")
	if line := f.line("request"); line["level"] != "debug" {
		t.Errorf("logged %v", line)
	}
	f.closeStore()
	f.want(s.status(), 503, "unavailable")
	if line := f.line("request"); line["level"] != "warn" || !strings.Contains(line["error"].(string), "get row") {
		t.Errorf("logged %v", line)
	}
}

// docs/operations.md lists every log event with its fields.
func TestTheDocsListEveryLogField(t *testing.T) {
	bug := &panicking{}
	f := startFixture(t, testConfig(t, "SSS_LOG=trace", "SSS_DATA_MODES=group"), bug.in)
	s := f.send(terms{})
	for _, r := range s.calls() {
		f.do(r.with("X-Azure-Functions-InvocationId", invocation))
	}
	f.want(s.create(), 200, "")
	f.want(sealed(t, terms{}).status(), 404, "not-found")
	f.tel.TimerRan(t.Context(), host.Run{Timer: "purge", InvocationID: invocation, PastDue: true, Took: time.Second, Err: errors.New("x")})
	f.tel.TimerRan(t.Context(), host.Run{Timer: "rotate"})
	f.tel.Fault("no answer", errors.New("x"))
	if err := errors.Join(f.timers["purge"](t.Context()), f.timers["rotate"](t.Context())); err != nil {
		t.Fatal(err)
	}
	f.tel.AbuseNoticed("wrong")
	f.tel.ClientUnknown(noForwarding)
	f.tel.Hold(&hold.Hold{}, true)
	f.tel.AlertsDrained(1, 0, 0)
	f.tel.Room(telemetry.Full, 0, 1)
	f.tel.BackedUp(1, nil)
	bug.value = "x"
	f.want(s.status(), 503, "unavailable")

	fields := logFields(t)
	seen := map[string]bool{}
	for _, line := range f.lines() {
		event, _ := line["event"].(string)
		seen[event] = true
		for name := range line {
			if !slices.Contains(append(fields[event], "time", "level", "message", "event"), name) {
				t.Errorf("event %s has the field %s, which the docs do not list", event, name)
			}
		}
	}
	if got, want := slices.Sorted(maps.Keys(seen)), slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
		t.Errorf("events are %v, the docs list %v", got, want)
	}
}

// logFields returns the table of events in docs/operations.md.
func logFields(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| `event` |")
	table, _, _ = strings.Cut(table, "\n\n")
	fields := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|[^|]*\\|(.*)\\|$").FindAllStringSubmatch(table, -1) {
		for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[2], -1) {
			fields[row[1]] = append(fields[row[1]], name[1])
		}
	}
	return fields
}

// At no level does the log contain a proof, a key, an envelope, an address, or more of an id
// than its first 8 characters.
func TestTheLogContainsNoSecrets(t *testing.T) {
	var fails failing
	f := startFixture(t, testConfig(t, "SSS_LOG=trace", "SSS_TRIES=2"), func(d *deps) {
		fails.storage = d.store
		d.store = &fails
	})
	s := f.send(terms{})
	var secrets []string
	note := func(r request) request {
		for name, values := range r.header {
			if name != "Content-Type" {
				secrets = append(secrets, values...)
			}
		}
		return r
	}
	for _, r := range s.calls() {
		f.do(note(r).with("X-Forwarded-For", "203.0.113.9"))
		f.do(note(sealed(t, terms{}).calls()["read"]))
		f.do(note(r.with("Secret-Access", "short-but-secret", "Secret-Claim", "short-but-secret", "Idempotency-Key", "short")))
		f.do(note(wrong(r, 1)))
	}
	f.do(newRequest("GET", "/api/health?ready="+s.access))
	f.do(newRequest("GET", "/api/"+s.access))
	fails.err = errors.New("GET https://x.test/" + s.id + "?sig=" + s.access + " failed for RowKey='" + s.id + "' " + s.claim)
	f.want(s.create(), 503, "unavailable")

	all := f.log.String()
	secrets = append(secrets, s.id, s.id[:9], s.body["envelope"][:60], "127.0.0.1", "203.0.113.9", "x.test", "letter")
	for _, text := range secrets {
		if text != "" && strings.Contains(all, text) {
			t.Errorf("the log has %s", text)
		}
	}
	if !strings.Contains(all, s.id[:8]+"[..]") {
		t.Errorf("the log does not have the start of the id: %s", all)
	}
}

// failing is a store that fails to look up holds while err is set.
type failing struct {
	storage
	err error
}

func (f *failing) ActiveHolds(ctx context.Context, id header.ID) ([]hold.Hold, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.storage.ActiveHolds(ctx, id)
}
