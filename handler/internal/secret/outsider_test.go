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

// rowStates brings one secret of two views into each state that an outsider must not tell from no secret at all.
var rowStates = map[string]func(*world){
	"unknown":             func(w *world) { delete(w.rows, w.id) },
	"live":                func(*world) {},
	"frozen":              (*world).freeze,
	"held":                func(w *world) { w.hold(ttl, hold.BlockRead, hold.BlockCreate, hold.Preserve) },
	"leased":              func(w *world) { w.must(w.read(keyA)) },
	"spent":               func(w *world) { w.must(w.read(keyA)); w.must(w.read(keyB)); w.must(w.ack(keyA)); w.must(w.ack(keyB)) },
	"revoked":             func(w *world) { w.must(w.revoke()) },
	"revoked and kept":    func(w *world) { w.hold(ttl, hold.Preserve); w.must(w.revoke()) },
	"expired":             func(w *world) { w.pass(ttl) },
	"expired and cleared": func(w *world) { w.pass(ttl + time.Hour); w.purge() },
}

// outsiderCalls is every verb on an id, with no proof, with foreign ones, and with those of another verb.
var outsiderCalls = map[string]func(*world) error{
	"status":                  func(w *world) error { _, err := w.Status(w.Context(), w.id, []byte("x")); return err },
	"status without a proof":  func(w *world) error { _, err := w.Status(w.Context(), w.id, nil); return err },
	"status by manage":        func(w *world) error { _, err := w.Status(w.Context(), w.id, manage); return err },
	"read":                    func(w *world) error { return w.readBy(secret.Proofs{Access: []byte("x"), Claim: claim}) },
	"read without a proof":    func(w *world) error { return w.readBy(secret.Proofs{}) },
	"read with a wrong claim": func(w *world) error { return w.readBy(secret.Proofs{Access: []byte("x"), Claim: []byte("x")}) },
	"read by manage":          func(w *world) error { return w.readBy(secret.Proofs{Access: manage, Claim: claim, Manage: manage}) },
	"ack":                     func(w *world) error { return w.Ack(w.Context(), w.id, []byte("x"), keyA) },
	"ack by claim":            func(w *world) error { return w.Ack(w.Context(), w.id, claim, keyA) },
	"revoke":                  func(w *world) error { return w.Revoke(w.Context(), w.id, secret.Proofs{Manage: []byte("x")}) },
	"revoke by access":        func(w *world) error { return w.Revoke(w.Context(), w.id, secret.Proofs{Manage: access}) },
	"revoke by claim alone":   func(w *world) error { return w.Revoke(w.Context(), w.id, secret.Proofs{Claim: claim}) },
	"revoke by a foreign link": func(w *world) error {
		return w.Revoke(w.Context(), w.id, secret.Proofs{Access: []byte("x"), Claim: claim})
	},
	"receipt":                  func(w *world) error { _, err := w.Receipt(w.Context(), w.id, []byte("x")); return err },
	"receipt by access":        func(w *world) error { _, err := w.Receipt(w.Context(), w.id, access); return err },
	"unlock":                   func(w *world) error { return w.Unlock(w.Context(), w.id, []byte("x"), keyA) },
	"unlock by access":         func(w *world) error { return w.Unlock(w.Context(), w.id, access, keyA) },
	"unlock by an earlier key": func(w *world) error { return w.Unlock(w.Context(), w.id, nil, []byte("k")) },
}

func (w *world) readBy(p secret.Proofs) error {
	_, err := w.Read(w.Context(), w.id, p, keyA)
	return err
}

// TestOutsiderLearnsNothing makes every call without its proof on a row in every
// state, and with every operation failing: the answers, and what was asked of
// the store for them, are the same as for a row that never was.
func TestOutsiderLearnsNothing(t *testing.T) {
	for _, broken := range []string{"nothing", "get", "peek", "holds", "past", "update", "add reminder", "open"} {
		for verb, call := range outsiderCalls {
			want := asked(t, rowStates["unknown"], call, broken)
			for state, begin := range rowStates {
				if got := asked(t, begin, call, broken); got != want {
					t.Errorf("%s of what is %s, %s failing: %s, want %s", verb, state, broken, got, want)
				}
			}
		}
	}
}

// asked returns the answer to a call, and the operations it took.
func asked(t *testing.T, begin func(*world), call func(*world) error, broken string) string {
	w := worldWith(t, 2)
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
	slices.Sort(operations)
	return err.Error() + " after " + strings.Join(operations, ", ")
}
