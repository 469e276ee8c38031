package secret_test

import (
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// TestRevokeDependsOnStateAndProof revokes in every state, with the manage link and with the link.
func TestRevokeDependsOnStateAndProof(t *testing.T) {
	for name, test := range map[string]struct {
		begin  func(*fixture)
		manage string
		link   string
		wrong  string // the link with a wrong claim
		ends   secret.State
	}{
		"live":            {func(*fixture) {}, "ok", "ok", "wrong", "revoked"},
		"frozen":          {(*fixture).freeze, "ok", "frozen", "frozen", "revoked"},
		"held":            {func(w *fixture) { w.hold(ttl, hold.BlockRead) }, "ok", "ok", "wrong", "revoked"},
		"delivered":       {func(w *fixture) { w.must(w.read(keyA)) }, "ok", "gone read", "gone read", "revoked"},
		"read":            {func(w *fixture) { w.must(w.read(keyA)); w.must(w.ack(keyA)) }, "ok", "gone read", "gone read", "read"},
		"lapsed":          {func(w *fixture) { w.must(w.read(keyA)); w.pass(time.Hour) }, "ok", "gone read", "gone read", "read"},
		"lapsed just now": {func(w *fixture) { w.must(w.read(keyA)); w.pass(3 * time.Minute) }, "ok", "gone read", "gone read", "revoked"},
		"expired":         {func(w *fixture) { w.pass(ttl) }, "ok", "gone expired", "gone expired", "expired"},
		"revoked":         {func(w *fixture) { w.must(w.revoke()) }, "ok", "ok", "ok", "revoked"},
		"unknown holds":   {func(w *fixture) { w.before = first("holds", func() error { return errDown }) }, "ok", "ok", "wrong", "revoked"},
	} {
		for proof, want := range map[string]string{"manage": test.manage, "link": test.link, "wrong": test.wrong} {
			t.Run(name+" by "+proof, func(t *testing.T) {
				w := fixtureWith(t, 1)
				test.begin(w)
				p := map[string]secret.Proofs{"manage": byManage, "link": byLink, "wrong": {Access: access, Claim: []byte("x")}}[proof]
				for range 2 {
					w.wantAnswer(w.Revoke(t.Context(), w.id, p, admitted{}), want)
				}
				if proof == "manage" {
					if got := w.receipt().State; got != test.ends {
						t.Errorf("ends as %s, want %s", got, test.ends)
					}
					w.wantAnswer(w.read(keyA), "gone "+string(test.ends))
				}
			})
		}
	}
}

func TestRevokeDeletesTheEnvelopeUnderAReader(t *testing.T) {
	w := fixtureWith(t, 2)
	w.must(w.read(keyA))
	w.must(w.revoke())
	if w.sealed() {
		t.Error("it stays")
	}
	w.wantAnswer(w.read(keyA), "gone revoked")
}

// TestRevokeUnderPreserveLeavesTheEnvelopeToPurge revokes under a hold, and when
// looking up the holds fails.
func TestRevokeUnderPreserveLeavesTheEnvelopeToPurge(t *testing.T) {
	for name, begin := range map[string]func(*fixture){
		"held":    func(w *fixture) { w.hold(time.Hour, hold.Preserve) },
		"unknown": func(w *fixture) { w.before = failing("holds") },
	} {
		w := fixtureWith(t, 1)
		begin(w)
		w.must(w.revoke())
		w.before = nil
		w.wantAnswer(w.read(keyA), "gone revoked")
		if !w.sealed() || len(w.reminders) != 1 {
			t.Errorf("%s: sealed %v, %d reminders", name, w.sealed(), len(w.reminders))
		}
		for reminder := range w.reminders {
			if !reminder.Minute.Add(time.Minute).After(w.now.Add(time.Minute)) {
				t.Errorf("%s: the reminder is for %v, now it is %v", name, reminder.Minute, w.now)
			}
		}
		w.pass(2 * time.Hour)
		if p := w.purge(); p.Cleared != 1 || w.sealed() || len(w.reminders) != 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestRevokeDecidesAgainWhenItsReminderIsLate(t *testing.T) {
	w := fixtureWith(t, 1)
	w.hold(time.Hour, hold.Preserve)
	w.before = first("add reminder", func() error { w.pass(61 * time.Second); return nil })
	w.must(w.revoke())
	if len(w.reminders) != 2 {
		t.Errorf("%d reminders", len(w.reminders))
	}
}

// TestRevokeByLinkWhoseReminderFailsLooksLikeAWrongClaim freezes the secret during a
// call with the right claim. After the tries have run out, the answer must not show
// that the claim was right.
func TestRevokeByLinkWhoseReminderFailsLooksLikeAWrongClaim(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(*fixture)
		want      string
	}{
		"nothing else": {func(*fixture) {}, "unavailable"},
		"frozen":       {(*fixture).freeze, "frozen"},
		"expired":      {func(w *fixture) { w.pass(ttl) }, "gone expired"},
		"revoked":      {func(w *fixture) { w.rows[w.id].Revoked = w.now }, "ok"},
	} {
		w := fixtureWith(t, 1)
		w.hold(2*ttl, hold.Preserve)
		w.before = first("add reminder", func() error { test.meanwhile(w); return errDown })
		if got := answer(w.Revoke(t.Context(), w.id, byLink, admitted{})); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
