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
	if r := w.stored(); w.sealed() || r.Sealed.Wrapped != nil || !r.Cleared {
		t.Errorf("it stays: %+v", r)
	}
}

func TestAckLeavesTheLeasesOfOthers(t *testing.T) {
	w := fixtureWith(t, 2)
	w.must(w.read(keyA))
	w.must(w.read(keyB))
	w.must(w.ack(keyA))
	w.wantAnswer(w.read(keyB), "ok")
	w.pass(leaseTime + clearMargin - time.Second) // by another instance's clock the lease may be live
	w.must(w.ack(keyA))
	if !w.sealed() {
		t.Error("cleared within the margin")
	}
}

// TestAckDependsOnWhetherTheKeyTookAView acknowledges in every state.
func TestAckDependsOnWhetherTheKeyTookAView(t *testing.T) {
	for name, test := range map[string]struct {
		begin       func(*fixture)
		taken, none string // the answers for a key that took a view, and for another key
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
			w.wantAnswer(w.ack(keyB), test.none)
			w.wantAnswer(w.ack(keyA), test.taken)
			w.wantAnswer(w.ack(keyA), test.taken)
		})
	}
}

// TestAckUnderPreserveLeavesTheEnvelopeToPurge acknowledges under a hold, and when
// looking up the holds fails.
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
		w.wantAnswer(w.read(keyA), "gone read")
		w.pass(2 * time.Hour)
		if p := w.purge(); p.Cleared != 1 || w.sealed() || len(w.reminders) != 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
