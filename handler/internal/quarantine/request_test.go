package quarantine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

func TestBadRequestNamesItsFieldAndLeavesNoHold(t *testing.T) {
	const id = "000000000000000000000000000000a0"
	scope := func(s hold.Scope) func(*quarantine.Request) { return func(r *quarantine.Request) { r.Scope = s } }
	period := func(from, to time.Time) func(*quarantine.Request) {
		return scope(hold.Scope{Kind: hold.ScopePeriod, From: from, To: to})
	}
	for name, c := range map[string]struct {
		edit  func(*quarantine.Request)
		field string
	}{
		"as it is":                         {func(*quarantine.Request) {}, ""},
		"no end":                           {func(r *quarantine.Request) { r.Until = time.Time{} }, ""},
		"no scope":                         {scope(hold.Scope{}), "scope.kind"},
		"an unknown scope":                 {scope(hold.Scope{Kind: "tenant"}), "scope.kind"},
		"a week":                           {scope(hold.Scope{Kind: hold.ScopeWeek, Week: "2026w47"}), ""},
		"no week":                          {scope(hold.Scope{Kind: hold.ScopeWeek}), "scope.week"},
		"a week that is none":              {scope(hold.Scope{Kind: hold.ScopeWeek, Week: "2026w54"}), "scope.week"},
		"a key":                            {scope(hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w47"}), ""},
		"a version":                        {scope(hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w47", Version: "1"}), ""},
		"no key":                           {scope(hold.Scope{Kind: hold.ScopeKey, Version: "1"}), "scope.name"},
		"a key that is none":               {scope(hold.Scope{Kind: hold.ScopeKey, Name: "../kek"}), "scope.name"},
		"a version that is none":           {scope(hold.Scope{Kind: hold.ScopeKey, Name: "kek", Version: "1 2"}), "scope.version"},
		"a period":                         {period(start, start.Add(time.Second)), ""},
		"no beginning":                     {period(time.Time{}, start), "scope.from"},
		"no end of a period":               {period(start, time.Time{}), "scope.to"},
		"a period that ends before":        {period(start, start.Add(-time.Second)), "scope.to"},
		"a period of no time":              {period(start, start), "scope.to"},
		"a period of less than a second":   {period(start, start.Add(time.Millisecond)), "scope.to"},
		"a prefix":                         {scope(hold.Scope{Kind: hold.ScopePrefix, Prefix: "0"}), ""},
		"a whole id for a prefix":          {scope(hold.Scope{Kind: hold.ScopePrefix, Prefix: id}), ""},
		"a prefix of length 0":             {scope(hold.Scope{Kind: hold.ScopePrefix}), "scope.prefix"},
		"a prefix that is too long":        {scope(hold.Scope{Kind: hold.ScopePrefix, Prefix: id + "0"}), "scope.prefix"},
		"a prefix in upper case":           {scope(hold.Scope{Kind: hold.ScopePrefix, Prefix: "A"}), "scope.prefix"},
		"a prefix of other letters":        {scope(hold.Scope{Kind: hold.ScopePrefix, Prefix: "0il"}), "scope.prefix"},
		"an id":                            {scope(hold.Scope{Kind: hold.ScopeID, ID: id}), ""},
		"no id":                            {scope(hold.Scope{Kind: hold.ScopeID}), "scope.id"},
		"half an id":                       {scope(hold.Scope{Kind: hold.ScopeID, ID: id[:16]}), "scope.id"},
		"all, and a week":                  {scope(hold.Scope{Kind: hold.ScopeAll, Week: "2026w47"}), "scope.week"},
		"an id, and a prefix":              {scope(hold.Scope{Kind: hold.ScopeID, ID: id, Prefix: "0"}), "scope.prefix"},
		"a week, and a key":                {scope(hold.Scope{Kind: hold.ScopeWeek, Week: "2026w47", Name: "kek"}), "scope.name"},
		"no modes":                         {func(r *quarantine.Request) { r.Modes = nil }, "modes"},
		"an unknown mode":                  {func(r *quarantine.Request) { r.Modes = []hold.Mode{"block-all"} }, "modes"},
		"a mode twice":                     {func(r *quarantine.Request) { r.Modes = []hold.Mode{"preserve", "block-read", "preserve"} }, "modes"},
		"an end in the past":               {func(r *quarantine.Request) { r.Until = start.Add(-time.Second) }, "until"},
		"an end at once":                   {func(r *quarantine.Request) { r.Until = start }, "until"},
		"the farthest end":                 {func(r *quarantine.Request) { r.Until = start.Add(720 * time.Hour) }, ""},
		"the farthest end by a fast clock": {func(r *quarantine.Request) { r.Until = start.Add(720*time.Hour + 2*time.Minute) }, ""},
		"an end that is too far":           {func(r *quarantine.Request) { r.Until = start.Add(721 * time.Hour) }, "until"},
		"no reason":                        {func(r *quarantine.Request) { r.Reason = "" }, "reason"},
		"a blank reason":                   {func(r *quarantine.Request) { r.Reason = " \t" }, "reason"},
		"the longest reason":               {func(r *quarantine.Request) { r.Reason = strings.Repeat("x", quarantine.MaxReason) }, ""},
		"a reason that is too long":        {func(r *quarantine.Request) { r.Reason = strings.Repeat("x", quarantine.MaxReason+1) }, "reason"},
		"a reason of two lines":            {func(r *quarantine.Request) { r.Reason = "a\nb" }, "reason"},
		"a reason that is no text":         {func(r *quarantine.Request) { r.Reason = "\xff" }, "reason"},
	} {
		w := newFixture(t)
		r := w.request()
		c.edit(&r)
		_, err := w.Quarantine(t.Context(), r, nil)
		wantField(t, name, err, c.field)
		held := len(w.rows[store.ActiveHolds(0)])
		if want := c.field == ""; (held == 1) != want {
			t.Errorf("%s: %d holds", name, held)
		}
	}
}

func TestQuarantineNormalizesItsRequest(t *testing.T) {
	w := newFixture(t)
	zone := time.FixedZone("", 7200)
	r := quarantine.Request{
		Scope:  hold.Scope{Kind: hold.ScopePeriod, From: start.Add(-time.Hour).In(zone), To: start.Add(time.Millisecond)},
		Modes:  []hold.Mode{hold.Preserve, hold.BlockRead},
		Reason: "drill",
	}
	modes := slices.Clone(r.Modes)
	o := w.must(w.Quarantine(t.Context(), r, nil))
	h := o.Hold
	if !o.New || !o.EventSent || h.Scope.From != start.Add(-time.Hour) || h.Scope.To != start || h.Until != start.Add(24*time.Hour) ||
		h.CreatedAt != start || h.Source != hold.SourceOperator || !slices.Equal(h.Modes, []hold.Mode{hold.BlockRead, hold.Preserve}) {
		t.Errorf("%+v, %+v", o, h)
	}
	if !slices.Equal(r.Modes, modes) {
		t.Error("the caller's modes were changed")
	}
	w.wantCopies(h.ID, 16, false)
}

func TestRequestsWithoutAKeyAreHoldsOfTheirOwn(t *testing.T) {
	w := newFixture(t)
	a := w.must(w.Quarantine(t.Context(), w.request(), nil))
	b := w.must(w.Quarantine(t.Context(), w.request(), nil))
	if a.Hold.ID == b.Hold.ID || !b.New {
		t.Errorf("%+v, %+v", a, b)
	}
}

func TestSameKeyIsTheSameHoldOrAConflict(t *testing.T) {
	w := newFixture(t)
	r, key := w.request(), []byte("a key of sixteen")
	first := w.must(w.Quarantine(t.Context(), r, key))
	w.pass(time.Minute)
	again := w.must(w.Quarantine(t.Context(), r, key))
	if again.New || again.Hold.ID != first.Hold.ID || again.Hold.CreatedAt != start {
		t.Errorf("%+v", again)
	}
	for name, edit := range map[string]func(*quarantine.Request){
		"scope":  func(r *quarantine.Request) { r.Scope = hold.Scope{Kind: hold.ScopeWeek, Week: "2026w47"} },
		"modes":  func(r *quarantine.Request) { r.Modes = []hold.Mode{hold.BlockRead} },
		"reason": func(r *quarantine.Request) { r.Reason = "another" },
		"until":  func(r *quarantine.Request) { r.Until = r.Until.Add(time.Second) },
	} {
		other := r
		edit(&other)
		if _, err := w.Quarantine(t.Context(), other, key); !errors.Is(err, secret.ErrConflict) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	// A repeat after the end returns the hold, although its end is no longer in the future.
	w.pass(2 * time.Hour)
	if again = w.must(w.Quarantine(t.Context(), r, key)); again.New || again.Hold.ID != first.Hold.ID {
		t.Errorf("after its end: %+v", again)
	}
	w.release(first.Hold.ID)
	if again = w.must(w.Quarantine(t.Context(), r, key)); again.New || again.Hold.ID != first.Hold.ID {
		t.Errorf("once past: %+v", again)
	}
	w.wantCopies(first.Hold.ID, 0, true)
}

func TestIDsOfAlertsAndKeysDiffer(t *testing.T) {
	w := newFixture(t)
	o := w.must(w.Alert(t.Context(), plain.in(t, "export")))
	if other := w.quarantine(strings.ToLower(alertID)); other.Hold.ID == o.Hold.ID {
		t.Error("an operator's key reaches an alert's hold")
	}
}

func TestQuarantineFailsWithoutRandomness(t *testing.T) {
	w := newFixture(t)
	w.Random = strings.NewReader("short")
	if _, err := w.Quarantine(t.Context(), w.request(), nil); err == nil {
		t.Error("placed a hold with an incomplete id")
	}
}
