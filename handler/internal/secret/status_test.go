package secret_test

import (
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// TestStatusReturnsTheStateAndCostsNoView checks every state.
func TestStatusReturnsTheStateAndCostsNoView(t *testing.T) {
	for name, test := range map[string]struct {
		begin func(*fixture)
		want  string
	}{
		"live":                   {func(*fixture) {}, "live"},
		"one of two read":        {func(w *fixture) { w.must(w.read(keyA)) }, "live"},
		"frozen":                 {(*fixture).freeze, "frozen"},
		"held and frozen":        {func(w *fixture) { w.freeze(); w.hold(ttl, hold.BlockRead) }, "held"},
		"preserved":              {func(w *fixture) { w.hold(ttl, hold.Preserve, hold.BlockCreate) }, "live"},
		"held no more":           {func(w *fixture) { w.hold(time.Hour, hold.BlockRead); w.pass(time.Hour) }, "live"},
		"delivered":              {func(w *fixture) { w.must(w.read(keyA)); w.must(w.read(keyB)) }, "gone read"},
		"revoked and held":       {func(w *fixture) { w.must(w.revoke()); w.hold(ttl, hold.BlockRead) }, "gone revoked"},
		"expired and held":       {func(w *fixture) { w.hold(2*ttl, hold.BlockRead); w.pass(ttl) }, "gone expired"},
		"unknown holds":          {func(w *fixture) { w.before = failing("holds") }, "unavailable"},
		"expired, unknown holds": {func(w *fixture) { w.pass(ttl); w.before = failing("holds") }, "gone expired"},
		"a clock set back after the purge": {func(w *fixture) {
			w.pass(ttl + time.Hour)
			w.purge()
			w.pass(-2 * time.Hour)
		}, "gone expired"},
	} {
		t.Run(name, func(t *testing.T) {
			w := fixtureWith(t, 2)
			test.begin(w)
			version := w.stored().Version
			for range 3 {
				s, err := w.Status(t.Context(), w.id, access)
				got := string(s.State)
				if err != nil {
					got = answer(err)
				}
				if got != test.want || err == nil && (s.Views != w.stored().Views || !s.Header.Expires.Equal(start.Add(ttl))) {
					t.Errorf("%s, %+v, want %s", got, s, test.want)
				}
			}
			if w.stored().Version != version {
				t.Error("it wrote")
			}
		})
	}
}
