package secret_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

var errBusy = errors.New("busy")

// recordedCaller records what it is asked, and fails with the given errors.
type recordedCaller struct {
	asked       []string
	guess, load error
}

func (c *recordedCaller) Guess(header.ID) error {
	c.asked = append(c.asked, "guess")
	return c.guess
}

func (c *recordedCaller) Load(_ context.Context, bytes int) error {
	c.asked = append(c.asked, fmt.Sprint("load ", bytes))
	return c.load
}

// TestCallerIsAskedBeforeTheWork also checks that it is asked about nothing else.
func TestCallerIsAskedBeforeTheWork(t *testing.T) {
	load := fmt.Sprint("load ", header.Size+len(envelope))
	wrongClaim := func(w *fixture) error { return w.guess("x") }
	read := func(w *fixture) error { return w.read(keyA) }
	for name, test := range map[string]struct {
		begin  func(*fixture)
		call   func(*fixture) error
		answer string
		plain  string // what is asked for a secret without a passphrase
		want   string // with one
	}{
		"read":                {func(*fixture) {}, read, "ok", load, "guess, " + load},
		"a row without size":  {func(w *fixture) { w.stored().Sealed.Size = 0 }, read, "ok", fmt.Sprint("load ", maxEnvelope), fmt.Sprint("guess, load ", maxEnvelope)},
		"wrong claim":         {func(*fixture) {}, wrongClaim, "wrong", "", "guess"},
		"read again":          {func(w *fixture) { w.must(w.read(keyA)) }, read, "ok", load, load},
		"wrong claim, leased": {func(w *fixture) { w.must(w.read(keyB)) }, wrongClaim, "wrong", "", ""},
		"lease is over":       {func(w *fixture) { w.must(w.read(keyA)); w.must(w.ack(keyA)) }, read, "gone read", "", ""},
		"frozen":              {(*fixture).freeze, read, "frozen", "", ""},
		"held":                {func(w *fixture) { w.hold(time.Hour, hold.BlockRead) }, read, "held", "", ""},
		"over":                {func(w *fixture) { w.pass(ttl) }, read, "gone expired", "", ""},
		"without access": {func(*fixture) {}, func(w *fixture) error {
			_, err := w.Read(w.Context(), w.id, secret.Proofs{Access: []byte("x"), Claim: claim}, keyA, w.caller)
			return err
		}, "not found", "", ""},
		"after conflicts": {func(w *fixture) {
			w.before = first("update", func() error { return secret.ErrStale })
		}, read, "ok", load, "guess, " + load + ", guess"},
		"revoke by link":   {func(*fixture) {}, func(w *fixture) error { return w.Revoke(w.Context(), w.id, byLink, w.caller) }, "ok", "", "guess"},
		"revoke by manage": {func(*fixture) {}, func(w *fixture) error { return w.Revoke(w.Context(), w.id, byManage, w.caller) }, "ok", "", ""},
	} {
		for _, passphrase := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, passphrase %v", name, passphrase), func(t *testing.T) {
				w := newFixture(t)
				w.create(w.draft(2, func(p *parts) { p.header.Passphrase = passphrase }))
				test.begin(w)
				var c recordedCaller
				w.caller = &c
				w.wantAnswer(test.call(w), test.answer)
				want := test.plain
				if passphrase {
					want = test.want
				}
				if got := strings.Join(c.asked, ", "); got != want {
					t.Errorf("asked %q, want %q", got, want)
				}
			})
		}
	}
}

// TestRefusedCallerGetsNothing also checks that nothing is touched, and that right and
// wrong claims get the same answer.
func TestRefusedCallerGetsNothing(t *testing.T) {
	for name, c := range map[string]*recordedCaller{"guess": {guess: errBusy}, "load": {load: errBusy}} {
		w := newFixture(t)
		w.create(w.draft(1, func(p *parts) { p.header.Passphrase = true }))
		before := w.stored()
		w.before = func(operation string) error {
			if operation != "peek" && operation != "holds" {
				t.Errorf("%s after a refused %s", operation, name)
			}
			return nil
		}
		w.caller = c
		if err := w.read(keyA); !errors.Is(err, errBusy) {
			t.Errorf("refused %s: %v", name, err)
		}
		if name == "guess" {
			if err := errors.Join(w.guess("x"), w.Revoke(t.Context(), w.id, byLink, c)); !errors.Is(err, errBusy) || strings.Count(err.Error(), "busy") != 2 {
				t.Error(err)
			}
		}
		if w.stored() != before {
			t.Errorf("refused %s: the row has changed", name)
		}
	}
}

// TestOnlyNewWrongClaimsAreNew also checks which answers are repeats.
func TestOnlyNewWrongClaimsAreNew(t *testing.T) {
	w := fixtureWith(t, 2)
	for i, want := range []bool{true, false, true} {
		var wrong *secret.WrongClaimError
		if err := w.guess([]string{"x", "x", "y"}[i]); !errors.As(err, &wrong) || wrong.New != want {
			t.Errorf("guess %d: %v, %+v", i, err, wrong)
		}
	}
	for i, key := range [][]byte{keyA, keyA, keyB} {
		if r, err := w.Read(t.Context(), w.id, byLink, key, admitted{}); err != nil || r.Repeated != (i == 1) {
			t.Errorf("read %d: %v, repeated %v", i, err, r.Repeated)
		}
	}
}
