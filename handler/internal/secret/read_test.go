package secret_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func TestReadTakesOneView(t *testing.T) {
	w := fixtureWith(t, 2)
	for range 3 {
		r, err := w.Read(t.Context(), w.id, byLink, keyA, admitted{})
		if err != nil || r.Views != 1 || !r.LeaseEnd.Equal(w.now.Add(leaseTime)) {
			t.Fatalf("%d views left, until %v: %v", r.Views, r.LeaseEnd, err)
		}
	}
	w.wantAnswer(w.read(keyB), "ok")
	w.wantAnswer(w.read([]byte("a third key, of 16")), "gone read")
	w.wantAnswer(w.read(keyA), "ok")
	if r := w.stored(); r.Views != 0 || len(r.Leases) != 2 {
		t.Errorf("%d views left, %d leases", r.Views, len(r.Leases))
	}
}

// TestReadChecksInOrder makes more and more checks of a read fail. The first failed check decides the error.
func TestReadChecksInOrder(t *testing.T) {
	w := fixtureWith(t, 2)
	wrong := secret.Proofs{Access: access, Claim: []byte("x")}
	tell := func(p secret.Proofs, key []byte, want string) {
		t.Helper()
		_, err := w.Read(t.Context(), w.id, p, key, admitted{})
		w.wantAnswer(err, want)
	}
	tell(wrong, keyB, "wrong")
	w.must(w.read(keyA))
	w.freezeFrom(1)
	tell(byLink, keyB, "frozen")
	tell(wrong, keyB, "frozen")
	tell(byLink, keyA, "ok") // a live lease is served even when frozen
	tell(wrong, keyA, "frozen")
	w.must(w.ack(keyA))
	tell(byLink, keyA, "gone read") // before the freeze
	w.hold(ttl, hold.BlockRead)
	tell(byLink, keyA, "held")
	tell(wrong, keyB, "held")
	w.before = failing("holds")
	tell(wrong, keyB, "unavailable")
	w.pass(ttl)
	tell(byLink, keyB, "gone expired")
	w.must(w.revoke())
	w.before = nil
	tell(byLink, keyB, "gone expired") // the revocation did not change the reason
	tell(secret.Proofs{Access: []byte("x"), Claim: claim}, keyB, "not found")
}

func TestReadIsRepeatedUntilTheLeaseEnds(t *testing.T) {
	w := fixtureWith(t, 2)
	w.must(w.read(keyA))
	w.pass(leaseTime - time.Nanosecond)
	w.wantAnswer(w.read(keyA), "ok")
	w.pass(time.Nanosecond)
	w.wantAnswer(w.read(keyA), "gone read") // never another view for the same key
	w.wantAnswer(w.read(keyB), "ok")
}

func TestReadOutlastsTheExpiry(t *testing.T) {
	w := fixtureWith(t, 2)
	w.pass(ttl - time.Second)
	w.must(w.read(keyA))
	w.pass(leaseTime - time.Second)
	w.wantAnswer(w.read(keyB), "gone expired")
	w.wantAnswer(w.read(keyA), "ok")
	w.purge()
	w.wantAnswer(w.read(keyA), "ok")
}

func TestKeyMayBeUsedForSeveralSecrets(t *testing.T) {
	w := newFixture(t)
	first, second := w.draft(1), w.draft(1, number(8))
	for _, d := range []secret.Draft{first, second} {
		w.create(d)
		w.wantAnswer(w.read(keyA), "ok")
	}
}

func TestWrongClaimUnderAKnownKeyCounts(t *testing.T) {
	w := fixtureWith(t, 2)
	w.must(w.read(keyA))
	var wrong *secret.WrongClaimError
	_, err := w.Read(t.Context(), w.id, secret.Proofs{Access: access, Claim: []byte("x")}, keyA, admitted{})
	if !errors.As(err, &wrong) || wrong.TriesLeft != triesMax-1 {
		t.Errorf("%v", err)
	}
	w.wantAnswer(w.read(keyA), "ok")
}

func TestLateDuplicateOfAnAcknowledgedReadTakesNothing(t *testing.T) {
	w := fixtureWith(t, 2)
	w.must(w.read(keyA))
	w.must(w.ack(keyA))
	w.wantAnswer(w.read(keyA), "gone read")
	if w.stored().Views != 1 {
		t.Errorf("%d views left", w.stored().Views)
	}
}

func TestWrongClaimCountsOnce(t *testing.T) {
	w := fixtureWith(t, 1)
	for range 40 {
		w.wantAnswer(w.guess("x"), "wrong")
	}
	if r := w.stored(); len(r.Tries) != 1 || len(r.Log) != 1 || !r.Frozen.IsZero() {
		t.Errorf("%d tries, %d in the log", len(r.Tries), len(r.Log))
	}
	version := w.stored().Version
	w.wantAnswer(w.guess("x"), "wrong")
	if w.stored().Version != version {
		t.Error("a claim that was tried before was written again")
	}
}

func TestTenthWrongClaimFreezesAndDeletesNothing(t *testing.T) {
	w := fixtureWith(t, 1)
	w.freeze()
	w.wantAnswer(w.read(keyA), "frozen")
	w.must(w.unlock("k"))
	w.wantAnswer(w.read(keyA), "ok")
}

// TestWrongClaimIsAnsweredAfterItWasWritten loses every write.
func TestWrongClaimIsAnsweredAfterItWasWritten(t *testing.T) {
	w := fixtureWith(t, 1)
	w.before = failing("update")
	w.wantAnswer(w.guess("x"), "unavailable")
	w.wantAnswer(w.read(keyA), "unavailable")
}

// TestRefusalRenewsTheLease lets a reader come back after a long refusal.
func TestRefusalRenewsTheLease(t *testing.T) {
	for name, test := range map[string]struct {
		begin func(*fixture)
		want  string
		lasts time.Duration
	}{
		"hold": {func(w *fixture) {
			w.hold(3*time.Hour, hold.BlockRead)
			w.hold(time.Hour, hold.BlockRead)
			w.hold(5*time.Hour, hold.Preserve)
		}, "held", 3 * time.Hour},
		"hold look-up": {func(w *fixture) { w.before = failing("holds") }, "unavailable", 0},
		"envelope":     {func(w *fixture) { w.before = failing("get") }, "unavailable", 0},
		"load":         {func(w *fixture) { w.caller = &recordedCaller{load: errBusy} }, "busy", 0},
		"vault":        {func(w *fixture) { w.before = failing("open") }, "unavailable", 0},
		"key gone":     {func(w *fixture) { w.before = failingWith(secret.ErrKeyGone, "open") }, "unavailable", 0},
		"disabled key": {func(w *fixture) { w.before = failingWith(errDown, "open") }, "unavailable", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := fixtureWith(t, 1)
			w.must(w.read(keyA))
			test.begin(w)
			w.pass(leaseTime - time.Second)
			w.wantAnswer(w.read(keyA), test.want)
			end := w.stored().Leases[0].End
			want := w.now.Add(leaseTime + renewMargin)
			if test.lasts > 0 {
				want = start.Add(test.lasts + leaseTime + renewMargin)
			}
			if !end.Equal(want) {
				t.Errorf("renewed to %v, want %v", end, want)
			}
			version := w.stored().Version
			w.pass(renewMargin)
			w.wantAnswer(w.read(keyA), test.want)
			if w.stored().Version != version {
				t.Error("the next refusal wrote again")
			}
			w.pass(test.lasts)
			w.release()
			w.before, w.caller = nil, admitted{}
			w.wantAnswer(w.read(keyA), "ok")
		})
	}
}

func TestRenewalNeverShortens(t *testing.T) {
	w := fixtureWith(t, 1)
	w.must(w.read(keyA))
	w.hold(time.Hour, hold.BlockRead)
	w.wantAnswer(w.read(keyA), "held")
	end := w.stored().Leases[0].End
	w.active[0].Until = w.now.Add(time.Minute)
	w.wantAnswer(w.read(keyA), "held")
	if got := w.stored().Leases[0].End; !got.Equal(end) {
		t.Errorf("from %v to %v", end, got)
	}
}

// TestFailingVaultTakesNoView makes the vault fail, with and without a change of the row meanwhile.
func TestFailingVaultTakesNoView(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(*fixture)
		fails     error
		want      string
	}{
		"nothing else":      {func(*fixture) {}, errDown, "unavailable"},
		"frozen meanwhile":  {(*fixture).freeze, errDown, "frozen"},
		"revoked meanwhile": {func(w *fixture) { w.must(w.revoke()) }, errDown, "gone revoked"},
		"expired meanwhile": {func(w *fixture) { w.pass(ttl) }, errDown, "gone expired"},
		"key gone":          {func(*fixture) {}, secret.ErrKeyGone, "unavailable"},
	} {
		for _, operation := range []string{"get", "open", "add reminder"} {
			t.Run(name+" by "+operation, func(t *testing.T) {
				w := fixtureWith(t, 1)
				w.before = first(operation, func() error { test.meanwhile(w); return test.fails })
				w.wantAnswer(w.read(keyA), test.want)
				if w.stored().Views != 1 || len(w.stored().Leases) != 0 {
					t.Error("a view was taken")
				}
			})
		}
	}
}

// TestUnansweredWriteIsLookedUp loses the answer of the write that takes the view, or the write.
func TestUnansweredWriteIsLookedUp(t *testing.T) {
	for _, lands := range []bool{true, false} {
		w := fixtureWith(t, 2)
		w.with(func(d *secret.Deps) { d.Store = &unanswered{memory: w.memory, lands: lands} })
		w.wantAnswer(w.read(keyA), "ok")
		if w.stored().Views != 1 || len(w.stored().Leases) != 1 {
			t.Errorf("lands %v: %d views left", lands, w.stored().Views)
		}
	}
}

// TestSlowVaultMakesReadDecideAgain lets more time pass than may lie between a reminder and its write.
func TestSlowVaultMakesReadDecideAgain(t *testing.T) {
	w := fixtureWith(t, 1)
	w.before = first("add reminder", func() error { w.pass(leaseTime - time.Minute + time.Second); return nil })
	w.wantAnswer(w.read(keyA), "ok")
	if l := w.stored().Leases[0]; l.End.Sub(l.Taken) != leaseTime || len(w.reminders) != 2 {
		t.Errorf("taken for %v, %d reminders", l.End.Sub(l.Taken), len(w.reminders))
	}
}

// TestEveryCallGivesUp keeps changing the row, or answers no write. However often a call
// decides, it gets and opens the envelope once, and adds one reminder.
func TestEveryCallGivesUp(t *testing.T) {
	for fails, want := range map[error]int{errDown: 8, secret.ErrStale: 300} {
		w := fixtureWith(t, 1)
		var mu sync.Mutex
		count := map[string]int{}
		w.before = func(operation string) error {
			mu.Lock()
			defer mu.Unlock()
			count[operation]++
			if operation == "update" {
				return fails
			}
			return nil
		}
		w.wantAnswer(w.read(keyA), "unavailable")
		if count["update"] != want || count["peek"] != want || count["get"] != 1 || count["open"] != 1 || count["add reminder"] != 1 {
			t.Errorf("%v: %v, want %d updates", fails, count, want)
		}
	}
}

// TestFailingVaultServesTheViewThatADuplicateTook lets a duplicate overtake the first request.
func TestFailingVaultServesTheViewThatADuplicateTook(t *testing.T) {
	w := fixtureWith(t, 2)
	w.before = first("add reminder", func() error { w.must(w.read(keyA)); return errDown })
	w.wantAnswer(w.read(keyA), "ok")
	if w.stored().Views != 1 {
		t.Errorf("%d views left", w.stored().Views)
	}
}

// TestClearedSecretIsGone deletes the envelope under a live lease.
func TestClearedSecretIsGone(t *testing.T) {
	w := fixtureWith(t, 1)
	w.must(w.read(keyA))
	w.stored().Cleared = true // by an instance whose clock runs far ahead
	w.wantAnswer(w.read(keyA), "gone read")
}
