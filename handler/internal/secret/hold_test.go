package secret_test

import (
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// TestHoldsActByModeUntilTheirEnd asks for the status under several holds.
func TestHoldsActByModeUntilTheirEnd(t *testing.T) {
	held := func(w *fixture) bool {
		s, err := w.Status(t.Context(), w.id, access)
		return err == nil && s.State == secret.StateHeld
	}
	w := fixtureWith(t, 1)
	w.hold(time.Hour, hold.BlockRead)
	w.hold(2*time.Hour, hold.BlockRead, hold.Preserve)
	w.pass(time.Hour)
	if !held(w) {
		t.Error("the longer hold does not act")
	}
	w.active[1].ReleasedAt = w.now
	if held(w) {
		t.Error("a released hold acts")
	}
	w.active[1].ReleasedAt = time.Time{}
	w.pass(time.Hour)
	if held(w) {
		t.Error("a hold acts after its end")
	}
}
