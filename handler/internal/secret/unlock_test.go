package secret_test

import "testing"

func TestUnlockLiftsTheFreezeAndClearsTheTries(t *testing.T) {
	w := fixtureWith(t, 1)
	w.guessOnce("a")
	w.must(w.unlock("first"))
	if len(w.stands().Tries) != 0 {
		t.Error("tries stay")
	}
	w.freeze() // the same claims count anew
	w.must(w.unlock("second"))
	w.answers(w.read(keyA), "ok")
}

func (w *fixture) guessOnce(claim string) { w.Helper(); w.answers(w.guess(claim), "wrong") }

func TestLateDuplicateOfAnUnlockLiftsNothing(t *testing.T) {
	w := fixtureWith(t, 1)
	w.freeze()
	w.must(w.unlock("first"))
	w.freeze()
	w.must(w.unlock("first"))
	w.answers(w.read(keyA), "frozen")
	w.must(w.unlock("second"))
	w.answers(w.read(keyA), "ok")
}

func TestUnlockIsRefusedWhenOver(t *testing.T) {
	w := fixtureWith(t, 1)
	w.must(w.unlock("first"))
	w.pass(ttl)
	w.answers(w.unlock("first"), "ok")
	w.answers(w.unlock("second"), "gone expired")
	w.answers(w.Unlock(t.Context(), w.id, access, []byte("third")), "not found")
}
