package secret_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// rowStates brings a secret of two views into each state. To an outsider, all of them must look as if there were no secret.
var rowStates = map[string]func(*fixture){
	"unknown":             func(w *fixture) { delete(w.rows, w.id) },
	"live":                func(*fixture) {},
	"frozen":              (*fixture).freeze,
	"held":                func(w *fixture) { w.hold(ttl, hold.BlockRead, hold.BlockCreate, hold.Preserve) },
	"leased":              func(w *fixture) { w.must(w.read(keyA)) },
	"spent":               func(w *fixture) { w.must(w.read(keyA)); w.must(w.read(keyB)); w.must(w.ack(keyA)); w.must(w.ack(keyB)) },
	"revoked":             func(w *fixture) { w.must(w.revoke()) },
	"revoked and kept":    func(w *fixture) { w.hold(ttl, hold.Preserve); w.must(w.revoke()) },
	"expired":             func(w *fixture) { w.pass(ttl) },
	"expired and cleared": func(w *fixture) { w.pass(ttl + time.Hour); w.purge() },
}

// outsiderCalls are all calls with an id, without proofs, with wrong ones and with those of another call.
var outsiderCalls = map[string]func(*fixture) error{
	"status":                  func(w *fixture) error { _, err := w.Status(w.Context(), w.id, []byte("x")); return err },
	"status without a proof":  func(w *fixture) error { _, err := w.Status(w.Context(), w.id, nil); return err },
	"status by manage":        func(w *fixture) error { _, err := w.Status(w.Context(), w.id, manage); return err },
	"read":                    func(w *fixture) error { return w.readBy(secret.Proofs{Access: []byte("x"), Claim: claim}) },
	"read without a proof":    func(w *fixture) error { return w.readBy(secret.Proofs{}) },
	"read with a wrong claim": func(w *fixture) error { return w.readBy(secret.Proofs{Access: []byte("x"), Claim: []byte("x")}) },
	"read by manage":          func(w *fixture) error { return w.readBy(secret.Proofs{Access: manage, Claim: claim, Manage: manage}) },
	"ack":                     func(w *fixture) error { return w.Ack(w.Context(), w.id, []byte("x"), keyA) },
	"ack by claim":            func(w *fixture) error { return w.Ack(w.Context(), w.id, claim, keyA) },
	"revoke": func(w *fixture) error {
		return w.Revoke(w.Context(), w.id, secret.Proofs{Manage: []byte("x")}, admitted{})
	},
	"revoke by access":      func(w *fixture) error { return w.Revoke(w.Context(), w.id, secret.Proofs{Manage: access}, admitted{}) },
	"revoke by claim alone": func(w *fixture) error { return w.Revoke(w.Context(), w.id, secret.Proofs{Claim: claim}, admitted{}) },
	"revoke by a foreign link": func(w *fixture) error {
		return w.Revoke(w.Context(), w.id, secret.Proofs{Access: []byte("x"), Claim: claim}, admitted{})
	},
	"receipt":                  func(w *fixture) error { _, err := w.Receipt(w.Context(), w.id, []byte("x")); return err },
	"receipt by access":        func(w *fixture) error { _, err := w.Receipt(w.Context(), w.id, access); return err },
	"unlock":                   func(w *fixture) error { return w.Unlock(w.Context(), w.id, []byte("x"), keyA) },
	"unlock by access":         func(w *fixture) error { return w.Unlock(w.Context(), w.id, access, keyA) },
	"unlock by an earlier key": func(w *fixture) error { return w.Unlock(w.Context(), w.id, nil, []byte("k")) },
}

func (w *fixture) readBy(p secret.Proofs) error {
	_, err := w.Read(w.Context(), w.id, p, keyA, admitted{})
	return err
}

// TestOutsiderLearnsNothing makes every call without its proof, in every state and with
// every operation failing. The result must be the same as for a row that never existed,
// and nothing is done but to look at the row.
func TestOutsiderLearnsNothing(t *testing.T) {
	for _, broken := range []string{"nothing", "get", "peek", "holds", "past", "update", "add reminder", "open"} {
		for verb, call := range outsiderCalls {
			want := asked(t, rowStates["unknown"], call, broken)
			for state, begin := range rowStates {
				if got := asked(t, begin, call, broken); got != want {
					t.Errorf("%s when %s, with %s failing: %s, want %s", verb, state, broken, got, want)
				}
			}
		}
	}
}

// asked returns the result of a call, and checks the operations that it made.
func asked(t *testing.T, begin func(*fixture), call func(*fixture) error, broken string) string {
	w := fixtureWith(t, 2)
	begin(w)
	version := w.version
	var mu sync.Mutex
	var operations []string
	fails := failing(broken)
	w.before = func(operation string) error {
		mu.Lock()
		defer mu.Unlock()
		operations = append(operations, operation)
		return fails(operation)
	}
	err := call(w)
	if err == nil || w.version != version {
		return "it did something"
	}
	if !slices.Equal(operations, []string{"peek"}) {
		t.Errorf("without a proof: %s", strings.Join(operations, ", "))
	}
	return err.Error()
}
