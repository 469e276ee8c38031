package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// calls returns a valid request of every operation on a secret.
func (s *sent) calls() map[string]request {
	return map[string]request{
		"create": s.create(), "status": s.status(), "read": s.read(keyOf("a")), "ack": s.ack(keyOf("a")), "revoke": s.revoke(),
		"receipt": s.receipt(), "unlock": s.unlock(keyOf("u")),
	}
}

// Every answer is checked against docs/openapi.yaml by do. This test provokes every answer
// that is described there.
func TestEveryDescribedAnswerIsGiven(t *testing.T) {
	for name, provoke := range map[string]func(*testing.T){
		"life": provokeLife, "revoked": provokeRevoked, "expired": provokeExpired, "frozen": provokeFrozen, "held": provokeHeld,
		"proofs": provokeProofs, "bodies": provokeBodies, "methods": provokeMethods, "policy": provokePolicy, "Front Door": provokeFrontDoor,
		"rates": provokeRates, "outage": provokeOutage, "full": provokeFull, "service": provokeService, "quarantine": provokeQuarantine,
	} {
		t.Run(name, provoke)
	}
	for _, answer := range described.answers() {
		if !described.given(answer) {
			t.Errorf("docs/openapi.yaml describes an answer that no call gets: %s", answer)
		}
	}
}

func provokeLife(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{views: 2, passphrase: "pâté"})
	f.want(s.create(), 200, "")
	f.want(s.having("manage_hash", hashOf([]byte("other"))).create(), 409, "conflict")
	f.want(s.status(), 200, "")
	f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	f.want(wrong(s.revokeAsReader(), 1), 403, "wrong-passphrase")
	f.want(s.read(keyOf("a")), 200, "")
	f.want(s.ack(keyOf("a")), 204, "")
	if got := f.want(s.ack(keyOf("b")), 410, "gone"); got.text("reason") != "" {
		t.Errorf("a live secret has a reason: %s", got.body)
	}
	f.want(s.read(keyOf("b")), 200, "")
	f.clock.advance(time.Hour)
	f.want(s.receipt(), 200, "")
	f.want(s.status(), 410, "gone")
	f.want(s.read(keyOf("c")), 410, "gone")
	f.want(s.unlock(keyOf("u")), 410, "gone")
	f.want(s.revokeAsReader(), 410, "gone")
	f.want(s.revoke(), 204, "")
	f.want(s.create(), 200, "")
}

func provokeRevoked(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	f.want(s.revokeAsReader(), 204, "")
	for _, r := range []request{s.status(), s.read(keyOf("a")), s.ack(keyOf("a")), s.unlock(keyOf("u"))} {
		if got := f.want(r, 410, "gone"); got.text("reason") != "revoked" || got.text("at") != "2026-11-24T10:00:00Z" {
			t.Errorf("%s %s: %s", r.method, r.path, got.body)
		}
	}
	f.want(s.receipt(), 200, "")
}

func provokeExpired(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	f.clock.advance(24*time.Hour - time.Second)
	f.want(s.status(), 200, "")
	f.hold(hold.Preserve)
	f.clock.advance(time.Second)
	for _, r := range []request{s.status(), s.read(keyOf("a")), s.ack(keyOf("a")), s.revokeAsReader(), s.unlock(keyOf("u"))} {
		if got := f.want(r, 410, "gone"); got.text("reason") != "expired" || got.text("at") != "2026-11-25T10:00:00Z" {
			t.Errorf("%s %s: %s", r.method, r.path, got.body)
		}
	}
	if got := f.want(s.receipt(), 200, ""); !strings.Contains(string(got.body), `"held":true`) {
		t.Errorf("an expiry under a hold is not marked: %s", got.body)
	}
}

func provokeFrozen(t *testing.T) {
	f := newFixture(t, "SSS_TRIES=2")
	s := f.send(terms{})
	f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase") // a repeated claim does not count
	f.want(wrong(s.read(keyOf("a")), 2), 403, "wrong-passphrase")
	f.want(s.read(keyOf("a")), 423, "frozen")
	f.want(s.revokeAsReader(), 423, "frozen")
	if got := f.want(s.status(), 200, ""); got.text("state") != "frozen" {
		t.Errorf("state is %s", got.body)
	}
	f.want(s.receipt(), 200, "")
	for i := range secret.MaxUnlocks {
		f.want(s.unlock(keyOf(fmt.Sprint(i))), 204, "")
		f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
		f.want(wrong(s.read(keyOf("a")), 2), 403, "wrong-passphrase")
	}
	if got := f.want(s.unlock(keyOf("u")), 423, "frozen"); got.text("reason") != "passphrase" {
		t.Errorf("frozen for %s", got.body)
	}
}

func provokeHeld(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	f.hold(hold.BlockRead, hold.BlockCreate)
	f.want(sealed(t, terms{}).create(), 423, "held")
	if got := f.want(s.read(keyOf("a")), 423, "held"); got.text("until") != "2026-11-24T11:00:00Z" {
		t.Errorf("held until another time: %s", got.body)
	}
	if got := f.want(s.status(), 200, ""); got.text("state") != "held" {
		t.Errorf("state is %s", got.body)
	}
	f.want(s.receipt(), 200, "")
}

func provokeProofs(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	for operation, r := range s.calls() {
		if operation == "create" {
			continue
		}
		for name := range r.header {
			status, slug := 401, "unauthorized"
			if name == "Idempotency-Key" {
				status, slug = 422, "invalid"
			}
			f.want(r.without(name), status, slug)
			f.wantField(r.with(name, "short"), name)
		}
		other := sealed(t, terms{})
		f.want(other.calls()[operation], 404, "not-found")
	}
}

func provokeBodies(t *testing.T) {
	f := newFixture(t, "SSS_MAX_ENVELOPE=1024")
	s := sealed(t, terms{})
	f.want(sealed(t, terms{data: make([]byte, 2000)}).create(), 413, "too-large")
	f.want(s.create().with("Content-Type", "text/plain"), 415, "unsupported-media-type")
	f.wantField(s.having("claim_hash", "").create(), "claim_hash")
}

func provokeFull(t *testing.T) {
	f := startFixture(t, testConfig(t), func(d *deps) { d.store = fullStore{d.store} })
	if got := f.want(sealed(t, terms{}).create(), 507, "full"); got.header.Get("Retry-After") != "" {
		t.Error("the answer asks for a repetition")
	}
}

// fullStore is a store without room.
type fullStore struct{ storage }

func (fullStore) Insert(context.Context, *secret.Record) error { return secret.ErrFull }

func provokeMethods(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	for path, allow := range map[string]string{
		"/api/secrets": "POST", s.path(): "DELETE, GET, HEAD", s.path() + "/read": "POST", s.path() + "/ack": "POST",
		s.path() + "/receipt": "GET, HEAD", s.path() + "/unlock": "POST", "/api/config": "GET, HEAD", "/api/health": "GET, HEAD",
		"/api/quarantine": "GET, HEAD, POST", "/api/quarantine/" + strings.Repeat("0", 32): "DELETE",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"} {
			if slices.Contains(strings.Split(allow, ", "), method) {
				continue
			}
			if got := f.want(newRequest(method, path), 405, "method-not-allowed"); got.header.Get("Allow") != allow {
				t.Errorf("%s %s allows %s, want %s", method, path, got.header.Get("Allow"), allow)
			}
		}
	}
	f.want(s.read(keyOf("a")), http.StatusOK, "") // and none of them took the view
}
