package secret_test

import "testing"

func TestUnlockEndsTheFreezeAndForgetsTheTries(t *testing.T) {
	w := fixtureWith(t, 1)
	w.guessOnce("a")
	w.must(w.unlock("first"))
	if len(w.stored().Tries) != 0 {
		t.Error("tries stay")
	}
	w.freeze() // the same claims count anew
	w.must(w.unlock("second"))
	w.wantAnswer(w.read(keyA), "ok")
}

func (w *fixture) guessOnce(claim string) { w.Helper(); w.wantAnswer(w.guess(claim), "wrong") }

func TestLateDuplicateOfAnUnlockChangesNothing(t *testing.T) {
	w := fixtureWith(t, 1)
	w.freeze()
	w.must(w.unlock("first"))
	w.freeze()
	w.must(w.unlock("first"))
	w.wantAnswer(w.read(keyA), "frozen")
	w.must(w.unlock("second"))
	w.wantAnswer(w.read(keyA), "ok")
}

func TestUnlockIsRefusedAfterTheEnd(t *testing.T) {
	w := fixtureWith(t, 1)
	w.must(w.unlock("first"))
	w.pass(ttl)
	w.wantAnswer(w.unlock("first"), "ok")
	w.wantAnswer(w.unlock("second"), "gone expired")
	w.wantAnswer(w.Unlock(t.Context(), w.id, access, []byte("third")), "not found")
}
