package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	ourVault   = "/subscriptions/3b2f6b4e-0000-4000-8000-000000000001/resourceGroups/secrets/providers/Microsoft.KeyVault/vaults/ours"
	otherVault = "/subscriptions/9d1c7a20-0000-4000-8000-000000000009/resourceGroups/other/providers/Microsoft.KeyVault/vaults/theirs"
)

// alert is one of Defender's, as a Logic App passes it on.
func alert(id, resource, status string) string {
	return `{"SystemAlertId":"` + id + `","AlertType":"KV_SuspiciousIPAccess","Severity":"Medium","Status":"` + status + `","AzureResourceId":"` + resource + `"}`
}

func (r reply) holdID(t *testing.T) string {
	t.Helper()
	var body outcomeBody
	if err := json.Unmarshal(r.body, &body); err != nil || body.Hold == nil {
		t.Fatalf("no hold: %s", r.body)
	}
	return body.Hold.ID
}

// An alert holds everything back, and gives it back when it is dealt with.
func TestAnAlertHoldsAndReleases(t *testing.T) {
	w := operators(t)
	s := w.send(terms{})
	id := w.want(holds(alert("a-1", ourVault, "Active")), 201, "").holdID(t)
	w.want(s.read(keyOf("a")), 423, "held")
	w.want(sealed(t, terms{}).create(), 423, "held")
	again := `{"properties":` + strings.Replace(alert("a-1", ourVault, "Active"), "SystemAlertId", "systemAlertId", 1) + `}`
	if got := w.want(holds(again), 200, "").holdID(t); got != id {
		t.Errorf("the same alert in another form is another hold: %s, %s", got, id)
	}
	w.want(holds(alert("a-1", ourVault, "Resolved")), 200, "")
	w.want(s.read(keyOf("a")), 200, "")
	w.want(holds(alert("a-1", ourVault, "Active")), 200, "") // late
	w.want(s.read(keyOf("a")), 200, "")
}

func TestAnOperatorHoldsListsAndReleases(t *testing.T) {
	w := operators(t)
	s := w.send(terms{})
	own := holds(`{"scope":{"kind":"id","id":"`+s.id+`"},"modes":["block-read"],"until":"2026-11-24T12:00:00Z","reason":"asked for"}`).with("Idempotency-Key", keyOf("h"))
	id := w.want(own, 201, "").holdID(t)
	if got := w.want(own, 200, "").holdID(t); got != id {
		t.Errorf("the same request is another hold")
	}
	other := own
	other.body = strings.Replace(own.body, "asked for", "another", 1)
	w.want(other, 409, "conflict")
	w.want(s.read(keyOf("a")), 423, "held")
	listed := w.want(operates(newRequest("GET", "/api/quarantine")), 200, "")
	if !strings.Contains(string(listed.body), id) {
		t.Errorf("not listed: %s", listed.body)
	}
	for range 2 {
		w.want(operates(newRequest("DELETE", "/api/quarantine/"+id+"?reason=done")), 200, "")
	}
	w.want(s.read(keyOf("a")), 200, "")
}

func TestADryRunCountsAndWritesNothing(t *testing.T) {
	w := operators(t)
	w.send(terms{})
	w.send(terms{})
	if got := w.want(holds(`{"scope":{"kind":"all"},"dry_run":true}`), 200, ""); string(got.body) != `{"covers":2}` {
		t.Errorf("%s", got.body)
	}
	if got := w.want(operates(newRequest("GET", "/api/quarantine")), 200, ""); string(got.body) != `{"active":[],"past":[],"next":""}` {
		t.Errorf("%s", got.body)
	}
}

// What is wrong is named, and there is no hold after it.
func TestBadHoldsAreRefused(t *testing.T) {
	w := operators(t)
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
		if got := w.want(holds(body), 422, "invalid"); got.text("field") != field {
			t.Errorf("%.100s: names %s, want %s", body, got.text("field"), field)
		}
	}
	if got := w.want(holds(`{"a":"`+strings.Repeat("x", 300<<10)+`"}`), 413, "too-large"); got.text("field") != "body" {
		t.Errorf("too much: names %s", got.text("field"))
	}
	w.want(holds(`{}`).with("Content-Type", "text/plain"), 415, "unsupported-media-type")
	w.wantField(holds(`{"scope":{"kind":"all"},"modes":["preserve"],"reason":"x"}`).with("Idempotency-Key", "short"), "Idempotency-Key")
	w.wantField(operates(newRequest("GET", "/api/quarantine?next=a&next=b")), "next")
	unknown := "/api/quarantine/" + strings.Repeat("0", 32)
	w.want(operates(newRequest("DELETE", unknown+"?reason=x")), 404, "not-found")
	w.want(operates(newRequest("DELETE", "/api/quarantine/else?reason=x")), 404, "not-found")
	w.wantField(operates(newRequest("DELETE", unknown)), "reason")
	w.wantField(operates(newRequest("DELETE", unknown+"?reason=a&reason=b")), "reason")
	if got := w.want(operates(newRequest("GET", "/api/quarantine")), 200, ""); string(got.body) != `{"active":[],"past":[],"next":""}` {
		t.Errorf("a refused request left %s", got.body)
	}
}

// deaf is a bus that is down.
type deaf struct{ *event.Memory }

func (deaf) Send(context.Context, ...secret.Event) error { return errors.New("down") }

func TestAHoldStandsThoughTheBusIsDown(t *testing.T) {
	w := operators(t)
	w.holds.Events = deaf{event.NewMemory(1)}
	s := w.send(terms{})
	got := w.want(operatorsCalls()["quarantine"], 201, "")
	if !strings.Contains(string(got.body), `"event_sent":false`) {
		t.Errorf("%s", got.body)
	}
	w.want(s.read(keyOf("a")), 423, "held")
}

func TestPatrolEndsHoldsWhoseTimeHasCome(t *testing.T) {
	w := operators(t)
	w.want(holds(`{"scope":{"kind":"all"},"modes":["block-create"],"until":"2026-11-24T10:30:00Z","reason":"short"}`), 201, "")
	w.want(sealed(t, terms{}).create(), 423, "held")
	w.holds.Settled = w.clock.now // which would believe a step only two hours later
	w.clock.advance(31 * time.Minute)
	if err := w.timers.patrol(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := w.want(operates(newRequest("GET", "/api/quarantine")), 200, "")
	if !strings.Contains(string(got.body), `"active":[]`) || !strings.Contains(string(got.body), "short") {
		t.Errorf("%s", got.body)
	}
	w.want(sealed(t, terms{}).create(), 201, "")
}

// dumb is a store that does not answer.
type dumb struct{ quarantine.Store }

func (dumb) ListHolds(context.Context, string, string) ([]hold.Hold, string, error) {
	return nil, "", errors.New("down")
}

// The broker counts how often an alert was taken and not applied.
func TestPatrolTakesNoAlertsWhileTheStoreIsDown(t *testing.T) {
	w := operators(t)
	dialed, away := 0, errors.New("away")
	w.timers.queue = quarantine.NewQueue(func() (*azservicebus.Client, error) { dialed++; return nil, away })
	store := w.holds.Store
	w.holds.Store = dumb{store}
	if err := w.timers.patrol(t.Context()); !errors.Is(err, secret.ErrUnavailable) || dialed > 0 {
		t.Errorf("dialed %d times: %v", dialed, err)
	}
	w.holds.Store = store
	if err := w.timers.patrol(t.Context()); !errors.Is(err, away) || dialed != 1 {
		t.Errorf("with the store back dialed %d times: %v", dialed, err)
	}
}

// provokeQuarantine gives the answers that the tests of the operators' calls do not.
func provokeQuarantine(t *testing.T) {
	TestOperatorsShowAKey(t)
	TestAnOperatorHoldsListsAndReleases(t)
	TestADryRunCountsAndWritesNothing(t)
	TestBadHoldsAreRefused(t)
}
