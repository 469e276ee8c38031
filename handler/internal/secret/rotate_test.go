package secret_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// ring returns the weeks' keys as one line, disabled ones in brackets.
func (w *fixture) ring() string {
	var all []string
	for week, k := range w.keys {
		if k.Enabled {
			all = append(all, string(week))
		} else {
			all = append(all, "("+string(week)+")")
		}
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(strings.Trim(a, "()"), strings.Trim(b, "()")) })
	return strings.Join(all, " ")
}

func (w *fixture) rotate() secret.Rotated {
	w.Helper()
	r, err := w.Rotate(w.Context())
	if err != nil {
		w.Fatalf("rotate: %v", err)
	}
	return r
}

func TestRotateMakesTheWeeksThatASecretCanExpireIn(t *testing.T) {
	w := newFixture(t)
	if r := w.rotate(); r.Made != 5 || w.ring() != "2026w48 2026w49 2026w50 2026w51 2026w52" {
		t.Errorf("%+v: %s", r, w.ring())
	}
	if r := w.rotate(); r != (secret.Rotated{}) {
		t.Errorf("again: %+v", r)
	}
	w.now = time.Date(2027, time.January, 4, 0, 0, -1, 0, time.UTC).Add(-30*24*time.Hour - 2*time.Minute)
	if r := w.rotate(); r.Made != 1 || !strings.HasSuffix(w.ring(), "2026w53") {
		t.Errorf("near the end of a week: %+v: %s", r, w.ring())
	}
	w.pass(time.Second)
	if r := w.rotate(); r.Made != 1 || !strings.HasSuffix(w.ring(), "2027w01") {
		t.Errorf("as the leeway reaches the next: %+v: %s", r, w.ring())
	}
}

// rotated returns a fixture with the key of a week that is over and purged.
func rotated(t *testing.T) *fixture {
	w := newFixture(t)
	w.with(func(d *secret.Deps) { d.Policy.MaxTTL = time.Hour })
	w.rotate()
	week := week.Of(w.now)
	w.now = week.End().Add(retention)
	w.water = map[string]header.Slot{"rows": header.SlotOf(week.End()), "envelopes": header.SlotOf(week.End())}
	return w
}

// TestRotateRetiresKeysOfPurgedWeeks follows a week's key to its end.
func TestRotateRetiresKeysOfPurgedWeeks(t *testing.T) {
	w := rotated(t)
	w.water["rows"]--
	if r := w.rotate(); r.Disabled != 0 {
		t.Errorf("before the rows are purged: %+v", r)
	}
	w.water["rows"]++
	w.water["envelopes"]--
	if r := w.rotate(); r.Disabled != 0 {
		t.Errorf("before the envelopes are purged: %+v", r)
	}
	w.water["envelopes"]++
	if r := w.rotate(); r != (secret.Rotated{Disabled: 1}) || w.ring() != "(2026w48) 2026w50" {
		t.Errorf("purged: %+v: %s", r, w.ring())
	}
	w.pass(7*24*time.Hour - time.Second)
	if r := w.rotate(); r.Deleted != 0 {
		t.Errorf("disabled for less than seven days: %+v", r)
	}
	w.pass(time.Second)
	if r := w.rotate(); r.Deleted != 1 || strings.Contains(w.ring(), "2026w48") {
		t.Errorf("disabled for seven days: %+v: %s", r, w.ring())
	}
}

// TestRotateCountsDisabledDaysByTheVaultsClock sets the vault's clock back.
func TestRotateCountsDisabledDaysByTheVaultsClock(t *testing.T) {
	w := rotated(t)
	w.clock = func() time.Time { return w.now.Add(time.Hour) }
	w.rotate()
	w.pass(7 * 24 * time.Hour)
	if r := w.rotate(); r.Deleted != 0 {
		t.Errorf("%+v", r)
	}
	w.pass(time.Hour)
	if r := w.rotate(); r.Deleted != 1 {
		t.Errorf("%+v", r)
	}
}

// TestRotateKeepsKeysThatAHoldPreserves places a hold before a key is disabled, and before it is deleted.
func TestRotateKeepsKeysThatAHoldPreserves(t *testing.T) {
	inWeek := func(week week.Week) string {
		s := header.SlotOf(week.Start())
		return header.ID{byte(s >> 24), byte(s >> 16), byte(s >> 8), byte(s)}.String()
	}
	for _, test := range []struct {
		scope hold.Scope
		mode  hold.Mode
		keeps bool
	}{
		{hold.Scope{Kind: hold.ScopeAll}, hold.Preserve, true},
		{hold.Scope{Kind: hold.ScopeAll}, hold.BlockRead, false},
		{hold.Scope{Kind: hold.ScopeWeek, Week: "2026w48"}, hold.Preserve, true},
		{hold.Scope{Kind: hold.ScopeWeek, Week: "2026w49"}, hold.Preserve, false},
		{hold.Scope{Kind: hold.ScopeID, ID: inWeek("2026w48")}, hold.Preserve, true},
		{hold.Scope{Kind: hold.ScopeID, ID: inWeek("2026w49")}, hold.Preserve, false},
		{hold.Scope{Kind: hold.ScopePrefix, Prefix: "0"}, hold.Preserve, true},
		{hold.Scope{Kind: hold.ScopePeriod}, hold.Preserve, true},
		{hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w48"}, hold.Preserve, true},
		{hold.Scope{Kind: "of a later version"}, hold.Preserve, true},
	} {
		t.Run(fmt.Sprint(test.scope, test.mode), func(t *testing.T) {
			w := rotated(t)
			h := hold.Hold{Scope: test.scope, Modes: []hold.Mode{test.mode}, Until: w.now.AddDate(1, 0, 0)}
			w.active = []hold.Hold{h}
			if r := w.rotate(); (r.Disabled == 0) != test.keeps {
				t.Errorf("disabled: %+v", r)
			}
			w.active = nil
			w.rotate()
			w.pass(8 * 24 * time.Hour)
			w.active = []hold.Hold{h}
			if r := w.rotate(); (r.Deleted == 0) != test.keeps {
				t.Errorf("deleted: %+v", r)
			}
			w.active[0].Until = w.now
			if r := w.rotate(); (r.Deleted == 1) != test.keeps {
				t.Errorf("after the hold: %+v", r)
			}
		})
	}
}

// TestRotateGoesOnAfterAFailure fails each of its operations in turn.
func TestRotateGoesOnAfterAFailure(t *testing.T) {
	for operation, want := range map[string]secret.Rotated{
		"keys": {}, "make 2026w51": {Disabled: 1}, "disable 2026w48": {Made: 1}, "holds": {Made: 1}, "watermark": {Made: 1},
	} {
		w := rotated(t)
		w.pass(7 * 24 * time.Hour)
		w.before = failing(operation)
		if r, err := w.Rotate(t.Context()); err == nil || r != want {
			t.Errorf("%s: %+v, %v", operation, r, err)
		}
	}
}
