package secret_test

import (
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

func TestAckDeletesTheEnvelopeAfterTheLastView(t *testing.T) {
	w := fixtureWith(t, 2)
	w.must(w.read(keyA))
	w.must(w.ack(keyA))
	if !w.sealed() {
		t.Fatal("gone before the last view")
	}
	w.must(w.read(keyB))
	w.must(w.ack(keyB))
	if r := w.stands(); w.sealed() || r.Sealed.Wrapped != nil || !r.Cleared {
		t.Errorf("it stays: %+v", r)
	}
}

func TestAckLeavesTheLeasesOfOthers(t *testing.T) {
	w := fixtureWith(t, 2)
	w.must(w.read(keyA))
	w.must(w.read(keyB))
	w.must(w.ack(keyA))
	w.answers(w.read(keyB), "ok")
	w.pass(leaseTime + clearMargin - time.Second) // another instance may still take it for live
	w.must(w.ack(keyA))
	if !w.sealed() {
		t.Error("cleared within the margin")
	}
}

// TestAckDependsOnWhatTheKeyDid acknowledges in every state.
func TestAckDependsOnWhatTheKeyDid(t *testing.T) {
	for name, test := range map[string]struct {
		begin       func(*fixture)
		taken, none string // what a key that took a view is told, and what any other
	}{
		"live":    {func(*fixture) {}, "ok", "gone "},
		"frozen":  {func(w *fixture) { w.freeze() }, "ok", "gone "},
		"held":    {func(w *fixture) { w.hold(ttl, hold.BlockRead, hold.Preserve) }, "ok", "gone "},
		"lapsed":  {func(w *fixture) { w.pass(leaseTime) }, "ok", "gone "},
		"acked":   {func(w *fixture) { w.must(w.ack(keyA)) }, "ok", "gone "},
		"spent":   {func(w *fixture) { w.must(w.read([]byte("a third key"))) }, "ok", "gone read"},
		"revoked": {func(w *fixture) { w.must(w.revoke()) }, "ok", "gone revoked"},
		"expired": {func(w *fixture) { w.pass(ttl); w.purge() }, "ok", "gone expired"},
		"deleted": {func(w *fixture) { w.pass(ttl + retention + time.Hour); w.purge() }, "not found", "not found"},
		"unknown holds": {func(w *fixture) {
			w.before = failing("holds")
		}, "ok", "gone "},
		"no write": {func(w *fixture) { w.before = failing("update") }, "unavailable", "gone "},
	} {
		t.Run(name, func(t *testing.T) {
			w := fixtureWith(t, 2)
			w.must(w.read(keyA))
			test.begin(w)
			w.answers(w.ack(keyB), test.none)
			w.answers(w.ack(keyA), test.taken)
			w.answers(w.ack(keyA), test.taken)
		})
	}
}

// TestAckUnderPreserveLeavesTheEnvelopeToPurge also fails to look up the holds.
func TestAckUnderPreserveLeavesTheEnvelopeToPurge(t *testing.T) {
	for name, begin := range map[string]func(*fixture){
		"held":    func(w *fixture) { w.hold(time.Hour, hold.Preserve) },
		"unknown": func(w *fixture) { w.before = failing("holds") },
	} {
		w := fixtureWith(t, 1)
		w.must(w.read(keyA))
		begin(w)
		w.must(w.ack(keyA))
		w.before = nil
		if !w.sealed() || len(w.reminders) != 1 {
			t.Errorf("%s: sealed %v, %d reminders", name, w.sealed(), len(w.reminders))
		}
		w.answers(w.read(keyA), "gone read")
		w.pass(2 * time.Hour)
		if p := w.purge(); p.Cleared != 1 || w.sealed() || len(w.reminders) != 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
