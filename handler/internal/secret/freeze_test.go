package secret_test

import (
	"slices"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// freezeFor freezes the secret for uses since the given time, and checks whether it did.
func (w *fixture) freezeFor(since time.Time, want bool) {
	w.Helper()
	if got, err := w.Freeze(w.Context(), w.id, since); err != nil || got != want {
		w.Errorf("froze: %v, %v, want %v", got, err, want)
	}
}

func TestFreezeLastsUntilTheUnlock(t *testing.T) {
	w := fixtureWith(t, 2)
	w.must(w.read(keyB))
	w.guessOnce("a")
	w.freezeFor(start, true)
	w.freezeFor(start, false)
	status, err := w.Status(t.Context(), w.id, access)
	if err != nil || status.State != secret.StateFrozen || status.Reason != secret.FreezeAddresses {
		t.Errorf("status %+v, %v", status, err)
	}
	w.wantAnswer(w.read(keyA), "frozen")
	w.wantAnswer(w.read(keyB), "ok") // under its lease
	w.wantAnswer(w.Revoke(t.Context(), w.id, byLink, admitted{}), "frozen")
	w.pass(time.Second)
	w.must(w.unlock("k"))
	if r := w.receipt(); r.UnlocksLeft != secret.MaxUnlocks || len(w.stored().Tries) != 1 || r.State != secret.StateLive || r.Reason != "" {
		t.Errorf("the unlock forgot tries, or counts: %+v", r)
	}
	w.freezeFor(start, false) // the sender knew of that
	w.freezeFor(w.now, false)
	w.freezeFor(w.now.Add(time.Second), true)
	w.must(w.unlock("l"))
	if got := w.published(); !slices.Equal(got, []string{"secretsharer.secret.created", "secretsharer.secret.read", "secretsharer.secret.frozen", "secretsharer.secret.frozen"}) {
		t.Error(got)
	}
	w.wantAnswer(w.read(keyA), "ok")
}

func TestFreezeLeavesWhatIsOverOrFrozen(t *testing.T) {
	for name, end := range map[string]func(*fixture){
		"read": func(w *fixture) { w.must(w.read(keyA)) }, "revoked": func(w *fixture) { w.must(w.revoke()) },
		"expired": func(w *fixture) { w.pass(ttl) }, "frozen": (*fixture).freeze,
	} {
		t.Run(name, func(t *testing.T) {
			w := fixtureWith(t, 1)
			end(w)
			before := w.stored()
			w.freezeFor(w.now, false)
			if w.stored() != before {
				t.Error("the row has changed")
			}
		})
	}
	w := newFixture(t)
	_, err := w.Freeze(t.Context(), w.id, start)
	w.wantAnswer(err, "not found")
}

// TestFreezeDecidesAgain unlocks the secret while it is being frozen for older uses.
func TestFreezeDecidesAgain(t *testing.T) {
	w := fixtureWith(t, 1)
	since := w.now
	w.pass(time.Second)
	w.before = first("update", func() error { w.must(w.unlock("l")); return nil })
	w.freezeFor(since, false)
	w.wantAnswer(w.read(keyA), "ok")
}
