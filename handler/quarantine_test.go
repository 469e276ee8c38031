package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	ourVault   = "/subscriptions/3b2f6b4e-0000-4000-8000-000000000001/resourceGroups/secrets/providers/Microsoft.KeyVault/vaults/ours"
	otherVault = "/subscriptions/9d1c7a20-0000-4000-8000-000000000009/resourceGroups/other/providers/Microsoft.KeyVault/vaults/theirs"
)

// alert returns an alert of Defender as a Logic App forwards it.
func alert(id, resource, status string) string {
	return `{"SystemAlertId":"` + id + `","AlertType":"KV_SuspiciousIPAccess","Severity":"Medium","Status":"` + status + `","AzureResourceId":"` + resource + `"}`
}

func (r reply) holdID(t *testing.T) string {
	t.Helper()
	var body api.Outcome
	if err := json.Unmarshal(r.body, &body); err != nil || body.Hold == nil {
		t.Fatalf("no hold: %s", r.body)
	}
	return body.Hold.ID
}

// An alert places a hold on everything. Once the alert is resolved, the hold is released.
func TestAnAlertPlacesAndReleasesAHold(t *testing.T) {
	f := operators(t)
	s := f.send(terms{})
	id := f.want(holds(alert("a-1", ourVault, "Active")), 201, "").holdID(t)
	f.want(s.read(keyOf("a")), 423, "held")
	f.want(sealed(t, terms{}).create(), 423, "held")
	again := `{"properties":` + strings.Replace(alert("a-1", ourVault, "Active"), "SystemAlertId", "systemAlertId", 1) + `}`
	if got := f.want(holds(again), 200, "").holdID(t); got != id {
		t.Errorf("the same alert in another form is another hold: %s, %s", got, id)
	}
	f.want(holds(alert("a-1", ourVault, "Resolved")), 200, "")
	f.want(s.read(keyOf("a")), 200, "")
	f.want(holds(alert("a-1", ourVault, "Active")), 200, "") // late
	f.want(s.read(keyOf("a")), 200, "")
}

func TestAnOperatorPlacesListsAndReleasesAHold(t *testing.T) {
	f := operators(t)
	s := f.send(terms{})
	own := holds(`{"scope":{"kind":"id","id":"`+s.id+`"},"modes":["block-read"],"until":"2026-11-24T12:00:00Z","reason":"asked for"}`).with("Idempotency-Key", keyOf("h"))
	id := f.want(own, 201, "").holdID(t)
	if got := f.want(own, 200, "").holdID(t); got != id {
		t.Errorf("the same request is another hold")
	}
	other := own
	other.body = strings.Replace(own.body, "asked for", "another", 1)
	f.want(other, 409, "conflict")
	f.want(s.read(keyOf("a")), 423, "held")
	listed := f.want(operates(newRequest("GET", "/api/quarantine")), 200, "")
	if !strings.Contains(string(listed.body), id) {
		t.Errorf("not listed: %s", listed.body)
	}
	for range 2 {
		f.want(operates(newRequest("DELETE", "/api/quarantine/"+id+"?reason=done")), 200, "")
	}
	f.want(s.read(keyOf("a")), 200, "")
}

func TestADryRunCountsAndWritesNothing(t *testing.T) {
	f := operators(t)
	f.send(terms{})
	f.send(terms{})
	if got := f.want(holds(`{"scope":{"kind":"all"},"dry_run":true}`), 200, ""); string(got.body) != `{"covers":2}` {
		t.Errorf("%s", got.body)
	}
	if got := f.want(operates(newRequest("GET", "/api/quarantine")), 200, ""); string(got.body) != `{"active":[],"past":[],"next":""}` {
		t.Errorf("%s", got.body)
	}
}

// An invalid request names the field, and places no hold.
func TestInvalidHoldsAreRefused(t *testing.T) {
	f := operators(t)
	for body, field := range map[string]string{
		``:                  "body",
		`[]`:                "body",
		`null`:              "body",
		`{"scope":`:         "body",
		`{"scope":{}} more`: "body",
		`{"scope":{"kind":"all"},"modes":["block-read"],"reason":"x","extra":1}`:                                                  "body",
		`{"scope":{"kind":"all"},"modes":"block-read","reason":"x"}`:                                                              "modes",
		`{"scope":{"kind":"all"},"modes":["block"],"reason":"x"}`:                                                                 "modes",
		`{"scope":{"kind":"all"},"reason":"x"}`:                                                                                   "modes",
		`{"scope":{"kind":"all"},"modes":["block-read"]}`:                                                                         "reason",
		`{"scope":{"kind":"all"},"modes":["block-read"],"reason":"x","until":"tomorrow"}`:                                         "until",
		`{"scope":{"kind":"all"},"modes":["block-read"],"reason":"x","until":"2026-11-24T09:00:00Z"}`:                             "until",
		`{"scope":{"kind":"all"},"modes":["block-read"],"reason":"x","until":"2027-11-24T09:00:00Z"}`:                             "until",
		`{"scope":"all","modes":["block-read"],"reason":"x"}`:                                                                     "scope",
		`{"scope":{"kind":"some"},"modes":["block-read"],"reason":"x"}`:                                                           "scope.kind",
		`{"scope":{"kind":"prefix","prefix":""},"modes":["block-read"],"reason":"x"}`:                                             "scope.prefix",
		`{"scope":{"kind":"period","from":"2026-11-24T09:00:00Z","to":"2026-11-24T08:00:00Z"},"modes":["preserve"],"reason":"x"}`: "scope.to",
		`{"scope":{"kind":"all"},"dry_run":"yes"}`:                                                                                "dry_run",
		alert("", ourVault, "Active"):                                                                                             "systemAlertId",
		alert("a-2", otherVault, "Active"):                                                                                        "resources",
		strings.Repeat(`{"a":`, 200) + `1` + strings.Repeat(`}`, 200):                                                             "body",
	} {
		if got := f.want(holds(body), 422, "invalid"); got.text("field") != field {
			t.Errorf("%.100s: names %s, want %s", body, got.text("field"), field)
		}
	}
	if got := f.want(holds(`{"a":"`+strings.Repeat("x", 300<<10)+`"}`), 413, "too-large"); got.text("field") != "body" {
		t.Errorf("too much: names %s", got.text("field"))
	}
	f.want(holds(`{}`).with("Content-Type", "text/plain"), 415, "unsupported-media-type")
	f.wantField(holds(`{"scope":{"kind":"all"},"modes":["preserve"],"reason":"x"}`).with("Idempotency-Key", "short"), "Idempotency-Key")
	f.wantField(operates(newRequest("GET", "/api/quarantine?next=a&next=b")), "next")
	unknown := "/api/quarantine/" + strings.Repeat("0", 32)
	f.want(operates(newRequest("DELETE", unknown+"?reason=x")), 404, "not-found")
	f.want(operates(newRequest("DELETE", "/api/quarantine/else?reason=x")), 404, "not-found")
	f.wantField(operates(newRequest("DELETE", unknown)), "reason")
	f.wantField(operates(newRequest("DELETE", unknown+"?reason=a&reason=b")), "reason")
	if got := f.want(operates(newRequest("GET", "/api/quarantine")), 200, ""); string(got.body) != `{"active":[],"past":[],"next":""}` {
		t.Errorf("a refused request left %s", got.body)
	}
}

// downBus is a bus that is down.
type downBus struct{ eventRecorder }

func (*downBus) Send(context.Context, ...secret.Event) error { return errors.New("down") }

func TestAHoldIsPlacedWhenTheBusIsDown(t *testing.T) {
	cfg := testConfig(t, "SSS_ADMIN_KEYS="+hexHash(operatorsKey))
	f := startFixture(t, cfg, func(d *deps) { d.events = &downBus{} })
	s := f.send(terms{})
	got := f.want(operatorsCalls()["quarantine"], 201, "")
	if !strings.Contains(string(got.body), `"event_sent":false`) {
		t.Errorf("%s", got.body)
	}
	f.want(s.read(keyOf("a")), 423, "held")
}

func TestPatrolEndsHoldsAtTheirTime(t *testing.T) {
	f := operators(t)
	f.want(holds(`{"scope":{"kind":"all"},"modes":["block-create"],"until":"2026-11-24T10:30:00Z","reason":"short"}`), 201, "")
	f.want(sealed(t, terms{}).create(), 423, "held")
	f.clock.advance(31 * time.Minute)
	if err := f.timers["patrol"](t.Context()); err != nil {
		t.Fatal(err)
	}
	got := f.want(operates(newRequest("GET", "/api/quarantine")), 200, "")
	if !strings.Contains(string(got.body), `"active":[]`) || !strings.Contains(string(got.body), "short") {
		t.Errorf("%s", got.body)
	}
	f.want(sealed(t, terms{}).create(), 201, "")
}

// downQueue is a queue that does not answer. It counts the calls.
type downQueue struct {
	runs    int
	limited bool // the last call had a deadline
}

var errQueueDown = errors.New("queue is down")

func (q *downQueue) Drain(ctx context.Context, _ func(context.Context, []byte) error) (event.Drained, error) {
	q.runs++
	_, q.limited = ctx.Deadline()
	return event.Drained{}, errQueueDown
}

// The broker dead-letters an alert that was taken too often without being applied.
func TestPatrolTakesNoAlertsWhileTheStoreIsDown(t *testing.T) {
	queue := &downQueue{}
	f := startFixture(t, testConfig(t), func(d *deps) { d.queue = queue })
	if err := f.timers["patrol"](t.Context()); !errors.Is(err, errQueueDown) || queue.runs != 1 {
		t.Errorf("with the store up drained %d times: %v", queue.runs, err)
	}
	f.closeStore()
	if err := f.timers["patrol"](t.Context()); !errors.Is(err, secret.ErrUnavailable) || queue.runs != 1 {
		t.Errorf("with the store down drained %d times: %v", queue.runs, err)
	}
}

// A store that can be read but not written takes an alert's delivery for nothing.
func TestPatrolTakesNoAlertsWhileTheStoreCannotBeWritten(t *testing.T) {
	queue, halted := &downQueue{}, &halted{}
	f := startFixture(t, testConfig(t), func(d *deps) { d.queue = queue; halted.storage = d.store; d.store = halted })
	halted.writes = true
	if err := f.timers["patrol"](t.Context()); !errors.Is(err, secret.ErrUnavailable) || queue.runs != 0 {
		t.Errorf("without writes drained %d times: %v", queue.runs, err)
	}
}

// Alerts do not wait for the end of holds, nor holds for alerts.
func TestPatrolDrainsAndSweepsWhetherTheOtherFails(t *testing.T) {
	queue, halted := &downQueue{}, &halted{}
	f := startFixture(t, testConfig(t, "SSS_ADMIN_KEYS="+hexHash(operatorsKey)), func(d *deps) { d.queue = queue; halted.storage = d.store; d.store = halted })
	f.want(holds(`{"scope":{"kind":"all"},"modes":["block-create"],"until":"2026-11-24T10:30:00Z","reason":"short"}`), 201, "")
	f.clock.advance(31 * time.Minute)
	halted.lists = true
	if err := f.timers["patrol"](t.Context()); !errors.Is(err, secret.ErrUnavailable) || queue.runs != 1 || !queue.limited {
		t.Errorf("without lists drained %d times, with a limit: %v: %v", queue.runs, queue.limited, err)
	}
	halted.lists = false
	if err := f.timers["patrol"](t.Context()); !errors.Is(err, errQueueDown) {
		t.Error(err)
	}
	f.want(sealed(t, terms{}).create(), 201, "")
	got := f.want(operates(newRequest("GET", "/api/quarantine")), 200, "")
	if !strings.Contains(string(got.body), `"active":[]`) {
		t.Errorf("without the queue: %s", got.body)
	}
}

// halted is a store whose writes, or lists, of holds fail.
type halted struct {
	storage
	writes, lists bool
}

var errHalted = errors.New("halted")

func (h *halted) InsertHold(ctx context.Context, partition string, held hold.Hold) error {
	if h.writes {
		return errHalted
	}
	return h.storage.InsertHold(ctx, partition, held)
}

func (h *halted) ListHolds(ctx context.Context, partition string, f hold.Filter, cursor string, most int) ([]hold.Hold, string, error) {
	if h.lists {
		return nil, "", errHalted
	}
	return h.storage.ListHolds(ctx, partition, f, cursor, most)
}

func TestRotateDeletesOldHolds(t *testing.T) {
	f := operators(t, "SSS_HOLD_RETENTION=1000h")
	f.want(holds(`{"scope":{"kind":"all"},"modes":["block-create"],"until":"2026-11-24T10:30:00Z","reason":"old"}`), 201, "")
	past := func(after time.Duration) bool {
		f.clock.advance(after)
		for _, timer := range []string{"patrol", "rotate"} {
			if err := f.timers[timer](t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return strings.Contains(string(f.want(operates(newRequest("GET", "/api/quarantine")), 200, "").body), "old")
	}
	if !past(1000 * time.Hour) {
		t.Error("deleted too early")
	}
	if past(31 * time.Minute) {
		t.Error("not deleted")
	}
}

// provokeQuarantine provokes the answers of the operators' operations.
func provokeQuarantine(t *testing.T) {
	TestHoldsNeedAnOperatorsKey(t)
	TestAnOperatorPlacesListsAndReleasesAHold(t)
	TestADryRunCountsAndWritesNothing(t)
	TestInvalidHoldsAreRefused(t)
}
