package secret_test

import (
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// TestScopesCoverWhatTheyName looks at one row through each kind of scope.
func TestScopesCoverWhatTheyName(t *testing.T) {
	r := &secret.Record{ID: secret.ID{0, 1, 2, 3, 4}, Created: start, Expires: start.AddDate(0, 0, 7)}
	r.Sealed.Key = secret.KeyRef{Name: "kek-2026w49", Version: "v1"}
	for _, test := range []struct {
		scope secret.Scope
		want  bool
	}{
		{secret.Scope{Kind: secret.ScopeAll}, true},
		{secret.Scope{Kind: "of a later version"}, true},
		{secret.Scope{}, true},
		{secret.Scope{Kind: secret.ScopeWeek, Week: "2026w49"}, true}, // of the expiry
		{secret.Scope{Kind: secret.ScopeWeek, Week: "2026w48"}, false},
		{secret.Scope{Kind: secret.ScopeKey, Name: "kek-2026w49"}, true},
		{secret.Scope{Kind: secret.ScopeKey, Name: "kek-2026w49", Version: "v1"}, true},
		{secret.Scope{Kind: secret.ScopeKey, Name: "kek-2026w49", Version: "v2"}, false},
		{secret.Scope{Kind: secret.ScopeKey, Name: "kek-2026w48"}, false},
		{secret.Scope{Kind: secret.ScopePeriod, From: start, To: start.Add(time.Second)}, true},
		{secret.Scope{Kind: secret.ScopePeriod, From: start.Add(-time.Second), To: start}, false},
		{secret.Scope{Kind: secret.ScopePeriod, From: start.Add(time.Second), To: start.Add(time.Hour)}, false},
		{secret.Scope{Kind: secret.ScopePrefix, Prefix: r.ID.String()[:5]}, true},
		{secret.Scope{Kind: secret.ScopePrefix, Prefix: r.ID.String()[1:5] + "z"}, false},
		{secret.Scope{Kind: secret.ScopeID, ID: r.ID.String()}, true},
		{secret.Scope{Kind: secret.ScopeID, ID: secret.ID{}.String()}, false},
	} {
		if got := test.scope.Covers(r); got != test.want {
			t.Errorf("%+v: %v", test.scope, got)
		}
	}
}

// TestHoldsActByModeUntilTheirEnd looks at a status under several holds.
func TestHoldsActByModeUntilTheirEnd(t *testing.T) {
	held := func(w *world) bool {
		s, err := w.Status(t.Context(), w.id, access)
		return err == nil && s.State == secret.StateHeld
	}
	w := worldWith(t, 1)
	w.hold(time.Hour, secret.BlockRead)
	w.hold(2*time.Hour, secret.BlockRead, secret.Preserve)
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
