package secret_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// guesser holds the link and not the passphrase: it tries claims by reading and by revoking.
type guesser struct {
	*world
	wrong map[string]bool // claims that were told wrong
	other map[string]int  // other answers
}

func newGuesser(w *world) *guesser { return &guesser{w, map[string]bool{}, map[string]int{}} }

// try makes the n-th guess, by turns a read under a key of its own and a revocation.
func (g *guesser) try(n int, claim string) string {
	p := secret.Proofs{Access: access, Claim: []byte(claim)}
	var err error
	if n%2 == 0 {
		_, err = g.Read(g.Context(), g.id, p, fmt.Appendf(nil, "key of guess %d", n))
	} else {
		err = g.Revoke(g.Context(), g.id, p)
	}
	got := answer(err)
	if got == "wrong" {
		g.wrong[claim] = true
	} else {
		g.other[got]++
	}
	return got
}

// TestOfManyGuessesTenAreAnswered makes wrong guesses, and sees how many were ever judged.
func TestOfManyGuessesTenAreAnswered(t *testing.T) {
	const guesses = 100_000
	w := worldWith(t, 1)
	g := newGuesser(w)
	for n := range guesses {
		g.try(n, fmt.Sprint(n))
	}
	if len(g.wrong) != triesMax || g.other["frozen"] != guesses-triesMax {
		t.Errorf("%d told wrong; else %v", len(g.wrong), g.other)
	}
	t.Logf("%d guesses: %d told wrong, %v", guesses, len(g.wrong), g.other)
	if got := len(w.stands().Log); got != triesMax+1 {
		t.Errorf("%d lines in the log", got)
	}
	for n := range 2 {
		if got := g.try(n, string(claim)); got != "frozen" {
			t.Errorf("the right claim was answered %s", got)
		}
	}
}

// TestRightClaimLooksLikeAWrongOne puts the right claim among wrong ones where claims are not to be looked at.
func TestRightClaimLooksLikeAWrongOne(t *testing.T) {
	for state, begin := range map[string]func(*world){
		"frozen":          (*world).freeze,
		"frozen and held": func(w *world) { w.freeze(); w.hold(ttl, hold.BlockRead, hold.Preserve) },
		"spent":           func(w *world) { w.must(w.read(keyA)) },
		"expired":         func(w *world) { w.pass(ttl) },
		"revoked":         func(w *world) { w.must(w.revoke()) },
	} {
		for _, broken := range []string{"nothing", "open", "add reminder", "update", "holds"} {
			w := worldWith(t, 1)
			begin(w)
			w.before = failing(broken)
			for n := range 2 {
				right, wrong := newGuesser(w).try(n, string(claim)), newGuesser(w).try(n, "x")
				if right != wrong || right == "wrong" {
					t.Errorf("%s, %s failing, by %d: %s for the right claim, %s for a wrong one", state, broken, n, right, wrong)
				}
			}
		}
	}
	t.Run("held", func(t *testing.T) {
		w := worldWith(t, 1)
		w.hold(ttl, hold.BlockRead)
		if right, wrong := newGuesser(w).try(0, string(claim)), newGuesser(w).try(0, "x"); right != "held" || wrong != "held" {
			t.Errorf("%s and %s", right, wrong)
		}
	})
}

// TestGuessesInAHoldAreNotJudged guesses on a row that a hold covers: reads
// judge nothing, and what revocations judge freezes it all the same.
func TestGuessesInAHoldAreNotJudged(t *testing.T) {
	const guesses = 100_000
	w := worldWith(t, 1)
	w.hold(ttl, hold.BlockRead)
	g := newGuesser(w)
	for n := range guesses {
		g.try(n, fmt.Sprint(n))
	}
	if len(g.wrong) != triesMax || g.other["held"] != guesses/2 || g.other["frozen"] != guesses/2-triesMax {
		t.Errorf("%d told wrong; else %v", len(g.wrong), g.other)
	}
	t.Logf("%d guesses: %d told wrong, %v", guesses, len(g.wrong), g.other)
}

// TestOfConcurrentGuessesTenAreAnswered sends wrong guesses side by side: however they
// overlap, at most the tries are judged, and the last of them freezes.
func TestOfConcurrentGuessesTenAreAnswered(t *testing.T) {
	for round := range 200 {
		w := worldWith(t, 100)
		var mu sync.Mutex
		answers := map[string]int{}
		var group sync.WaitGroup
		for n := range 64 {
			group.Go(func() {
				got := answer(w.readBy(secret.Proofs{Access: access, Claim: fmt.Append(nil, round, n)}))
				mu.Lock()
				defer mu.Unlock()
				answers[got]++
			})
		}
		group.Wait()
		if answers["wrong"] > triesMax || len(w.stands().Tries) != triesMax || w.stands().Frozen.IsZero() {
			t.Fatalf("round %d: %v, %d tries on record", round, answers, len(w.stands().Tries))
		}
	}
}
