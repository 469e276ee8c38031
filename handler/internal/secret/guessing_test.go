package secret_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// guesser has the link but not the passphrase. It tries claims by reading and by revoking.
type guesser struct {
	*fixture
	wrong map[string]bool // claims that were refused as wrong
	other map[string]int  // other answers
}

func newGuesser(w *fixture) *guesser { return &guesser{w, map[string]bool{}, map[string]int{}} }

// try makes the n-th guess, in turn a read under a new key and a revocation.
func (g *guesser) try(n int, claim string) string {
	p := secret.Proofs{Access: access, Claim: []byte(claim)}
	var err error
	if n%2 == 0 {
		_, err = g.Read(g.Context(), g.id, p, fmt.Appendf(nil, "key of guess %d", n), admitted{})
	} else {
		err = g.Revoke(g.Context(), g.id, p, admitted{})
	}
	got := answer(err)
	if got == "wrong" {
		g.wrong[claim] = true
	} else {
		g.other[got]++
	}
	return got
}

// TestOnlyTenOfManyGuessesAreJudged counts the guesses that are refused as wrong.
func TestOnlyTenOfManyGuessesAreJudged(t *testing.T) {
	const guesses = 100_000
	w := fixtureWith(t, 1)
	g := newGuesser(w)
	for n := range guesses {
		g.try(n, fmt.Sprint(n))
	}
	if len(g.wrong) != triesMax || g.other["frozen"] != guesses-triesMax {
		t.Errorf("%d refused as wrong; other answers %v", len(g.wrong), g.other)
	}
	t.Logf("%d guesses: %d refused as wrong, %v", guesses, len(g.wrong), g.other)
	if got := len(w.stored().Log); got != triesMax+1 {
		t.Errorf("%d lines in the log", got)
	}
	for n := range 2 {
		if got := g.try(n, string(claim)); got != "frozen" {
			t.Errorf("the right claim was answered %s", got)
		}
	}
}

// TestRightClaimLooksLikeAWrongOne tries right and wrong claims in states in which claims must not be checked.
func TestRightClaimLooksLikeAWrongOne(t *testing.T) {
	for state, begin := range map[string]func(*fixture){
		"frozen":          (*fixture).freeze,
		"frozen and held": func(w *fixture) { w.freeze(); w.hold(ttl, hold.BlockRead, hold.Preserve) },
		"spent":           func(w *fixture) { w.must(w.read(keyA)) },
		"expired":         func(w *fixture) { w.pass(ttl) },
		"revoked":         func(w *fixture) { w.must(w.revoke()) },
	} {
		for _, broken := range []string{"nothing", "open", "add reminder", "update", "holds"} {
			w := fixtureWith(t, 1)
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
		w := fixtureWith(t, 1)
		w.hold(ttl, hold.BlockRead)
		if right, wrong := newGuesser(w).try(0, string(claim)), newGuesser(w).try(0, "x"); right != "held" || wrong != "held" {
			t.Errorf("%s and %s", right, wrong)
		}
	})
}

// TestGuessesInAHoldAreNotJudged guesses while a hold covers the row. Reads do not
// check the claim; revocations do, and freeze the secret as usual.
func TestGuessesInAHoldAreNotJudged(t *testing.T) {
	const guesses = 100_000
	w := fixtureWith(t, 1)
	w.hold(ttl, hold.BlockRead)
	g := newGuesser(w)
	for n := range guesses {
		g.try(n, fmt.Sprint(n))
	}
	if len(g.wrong) != triesMax || g.other["held"] != guesses/2 || g.other["frozen"] != guesses/2-triesMax {
		t.Errorf("%d refused as wrong; other answers %v", len(g.wrong), g.other)
	}
	t.Logf("%d guesses: %d refused as wrong, %v", guesses, len(g.wrong), g.other)
}

// TestOnlyTenConcurrentGuessesAreJudged makes wrong guesses at the same time. However they
// overlap, at most ten are judged, and the last of those freezes the secret.
func TestOnlyTenConcurrentGuessesAreJudged(t *testing.T) {
	for round := range 200 {
		w := fixtureWith(t, 100)
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
		if answers["wrong"] > triesMax || len(w.stored().Tries) != triesMax || w.stored().Frozen.IsZero() {
			t.Fatalf("round %d: %v, %d tries on record", round, answers, len(w.stored().Tries))
		}
	}
}
