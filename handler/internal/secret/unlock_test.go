package secret_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

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

// TestTenUnlocksForgetWrongClaims leaves the eleventh freeze for good. Unlocks that forget
// nothing do not count.
func TestTenUnlocksForgetWrongClaims(t *testing.T) {
	w := fixtureWith(t, 1)
	for i := range secret.MaxUnlocks {
		w.must(w.unlock(fmt.Sprint("for nothing ", i)))
		w.freeze()
		if got := w.receipt(); got.UnlocksLeft != secret.MaxUnlocks-i || got.Reason != secret.FreezePassphrase {
			t.Errorf("%d unlocks left, frozen for %q", got.UnlocksLeft, got.Reason)
		}
		w.must(w.unlock(fmt.Sprint(i)))
	}
	w.guessOnce("a")
	w.must(w.unlock("not frozen"))
	w.freezeFrom(1)
	var frozen *secret.FrozenError
	for _, key := range []string{"eleventh", "twelfth"} {
		if err := w.unlock(key); !errors.As(err, &frozen) || frozen.UnlocksLeft != 0 || frozen.Reason != secret.FreezePassphrase {
			t.Errorf("unlocked: %v, %+v", err, frozen)
		}
	}
	w.wantAnswer(w.unlock("9"), "ok") // a late duplicate
	w.wantAnswer(w.read(keyA), "frozen")
	w.must(w.revoke())
}

func TestUnlockIsRefusedAfterTheEnd(t *testing.T) {
	w := fixtureWith(t, 1)
	w.must(w.unlock("first"))
	w.pass(ttl)
	w.wantAnswer(w.unlock("first"), "ok")
	w.wantAnswer(w.unlock("second"), "gone expired")
	w.wantAnswer(w.Unlock(t.Context(), w.id, access, []byte("third")), "not found")
}
