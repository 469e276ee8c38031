package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// calls returns a good call of every operation that names a secret.
func (s *sent) calls() map[string]request {
	return map[string]request{
		"create": s.create(), "status": s.status(), "read": s.read(keyOf("a")), "ack": s.ack(keyOf("a")), "revoke": s.revoke(),
		"receipt": s.receipt(), "unlock": s.unlock(keyOf("u")),
	}
}

// Every answer is checked against docs/openapi.yaml as it comes; see do. Here
// all those that it describes are asked for: it promises nothing that is not so.
func TestEveryDescribedAnswerIsGiven(t *testing.T) {
	for name, provoke := range map[string]func(*testing.T){
		"life": provokeLife, "revoked": provokeRevoked, "expired": provokeExpired, "frozen": provokeFrozen, "held": provokeHeld,
		"proofs": provokeProofs, "bodies": provokeBodies, "methods": provokeMethods, "policy": provokePolicy, "Front Door": provokeFrontDoor,
		"rates": provokeRates, "outage": provokeOutage, "service": provokeService, "quarantine": provokeQuarantine,
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
	w := newWorld(t)
	s := w.send(terms{views: 2, passphrase: "pâté"})
	w.want(s.create(), 200, "")
	w.want(s.having("manage_hash", hashOf([]byte("other"))).create(), 409, "conflict")
	w.want(s.status(), 200, "")
	w.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	w.want(wrong(s.revokeAsReader(), 1), 403, "wrong-passphrase")
	w.want(s.read(keyOf("a")), 200, "")
	w.want(s.ack(keyOf("a")), 204, "")
	if got := w.want(s.ack(keyOf("b")), 410, "gone"); got.text("reason") != "" {
		t.Errorf("a living secret is over for this reason: %s", got.body)
	}
	w.want(s.read(keyOf("b")), 200, "")
	w.clock.advance(time.Hour)
	w.want(s.receipt(), 200, "")
	w.want(s.status(), 410, "gone")
	w.want(s.read(keyOf("c")), 410, "gone")
	w.want(s.unlock(keyOf("u")), 410, "gone")
	w.want(s.revokeAsReader(), 410, "gone")
	w.want(s.revoke(), 204, "")
	w.want(s.create(), 200, "")
}

func provokeRevoked(t *testing.T) {
	w := newWorld(t)
	s := w.send(terms{})
	w.want(s.revokeAsReader(), 204, "")
	for _, r := range []request{s.status(), s.read(keyOf("a")), s.ack(keyOf("a")), s.unlock(keyOf("u"))} {
		if got := w.want(r, 410, "gone"); got.text("reason") != "revoked" || got.text("at") != "2026-11-24T10:00:00Z" {
			t.Errorf("%s %s: %s", r.method, r.path, got.body)
		}
	}
	w.want(s.receipt(), 200, "")
}

func provokeExpired(t *testing.T) {
	w := newWorld(t)
	s := w.send(terms{})
	w.clock.advance(24*time.Hour - time.Second)
	w.want(s.status(), 200, "")
	w.hold(hold.Preserve)
	w.clock.advance(time.Second)
	for _, r := range []request{s.status(), s.read(keyOf("a")), s.ack(keyOf("a")), s.revokeAsReader(), s.unlock(keyOf("u"))} {
		if got := w.want(r, 410, "gone"); got.text("reason") != "expired" || got.text("at") != "2026-11-25T10:00:00Z" {
			t.Errorf("%s %s: %s", r.method, r.path, got.body)
		}
	}
	if got := w.want(s.receipt(), 200, ""); !strings.Contains(string(got.body), `"held":true`) {
		t.Errorf("an expiry under a hold is not marked: %s", got.body)
	}
}

func provokeFrozen(t *testing.T) {
	w := newWorld(t, "SSS_TRIES=2")
	s := w.send(terms{})
	w.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	w.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase") // the same one is no second try
	w.want(wrong(s.read(keyOf("a")), 2), 403, "wrong-passphrase")
	w.want(s.read(keyOf("a")), 423, "frozen")
	w.want(s.revokeAsReader(), 423, "frozen")
	if got := w.want(s.status(), 200, ""); got.text("state") != "frozen" {
		t.Errorf("state is %s", got.body)
	}
	w.want(s.receipt(), 200, "")
	w.want(s.unlock(keyOf("u")), 204, "")
	w.want(s.read(keyOf("a")), 200, "")
}

func provokeHeld(t *testing.T) {
	w := newWorld(t)
	s := w.send(terms{})
	w.hold(hold.BlockRead, hold.BlockCreate)
	w.want(sealed(t, terms{}).create(), 423, "held")
	if got := w.want(s.read(keyOf("a")), 423, "held"); got.text("until") != "2026-11-24T11:00:00Z" {
		t.Errorf("until when: %s", got.body)
	}
	if got := w.want(s.status(), 200, ""); got.text("state") != "held" {
		t.Errorf("state is %s", got.body)
	}
	w.want(s.receipt(), 200, "")
}

func provokeProofs(t *testing.T) {
	w := newWorld(t)
	s := w.send(terms{})
	for operation, r := range s.calls() {
		if operation == "create" {
			continue
		}
		for name := range r.header {
			status, slug := 401, "unauthorized"
			if name == "Idempotency-Key" {
				status, slug = 422, "invalid"
			}
			w.want(r.without(name), status, slug)
			w.wantField(r.with(name, "short"), name)
		}
		other := sealed(t, terms{})
		w.want(other.calls()[operation], 404, "not-found")
	}
}

func provokeBodies(t *testing.T) {
	w := newWorld(t, "SSS_MAX_ENVELOPE=1024")
	s := sealed(t, terms{})
	w.want(sealed(t, terms{data: make([]byte, 2000)}).create(), 413, "too-large")
	w.want(s.create().with("Content-Type", "text/plain"), 415, "unsupported-media-type")
	w.wantField(s.having("claim_hash", "").create(), "claim_hash")
}

func provokeMethods(t *testing.T) {
	w := newWorld(t)
	s := w.send(terms{})
	for path, allow := range map[string]string{
		"/api/secrets": "POST", s.path(): "DELETE, GET, HEAD", s.path() + "/read": "POST", s.path() + "/ack": "POST",
		s.path() + "/receipt": "GET, HEAD", s.path() + "/unlock": "POST", "/api/config": "GET, HEAD", "/api/health": "GET, HEAD",
		"/api/quarantine": "GET, HEAD, POST", "/api/quarantine/" + strings.Repeat("0", 32): "DELETE",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"} {
			if slices.Contains(strings.Split(allow, ", "), method) {
				continue
			}
			if got := w.want(newRequest(method, path), 405, "method-not-allowed"); got.header.Get("Allow") != allow {
				t.Errorf("%s %s allows %s, want %s", method, path, got.header.Get("Allow"), allow)
			}
		}
	}
	w.want(s.read(keyOf("a")), http.StatusOK, "") // and none of them took the view
}
