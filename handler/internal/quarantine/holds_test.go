package quarantine_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

func TestSecondReleaseKeepsTheFirstReason(t *testing.T) {
	w := newFixture(t)
	id := w.quarantine("k").Hold.ID
	w.pass(time.Minute)
	first := w.release(id)
	if first.New || !first.EventSent || first.Hold.ReleasedAt != start.Add(time.Minute) || first.Hold.ReleaseReason != "over" {
		t.Errorf("%+v, %+v", first, first.Hold)
	}
	w.pass(time.Minute)
	again := w.must(w.Release(t.Context(), id, "another reason"))
	if fmt.Sprint(*again.Hold) != fmt.Sprint(*first.Hold) {
		t.Errorf("changed: %+v", again.Hold)
	}
}

func TestReleaseRefusesUnknownHoldsAndBadReasons(t *testing.T) {
	w := newFixture(t)
	id := w.quarantine("k").Hold.ID
	for _, unknown := range []string{"", "x", "past", "00000000000000000000000000000000", "../" + id, "A" + id[1:]} {
		if _, err := w.Release(t.Context(), unknown, "over"); !errors.Is(err, secret.ErrNotFound) {
			t.Errorf("%q: %v", unknown, err)
		}
	}
	for _, reason := range []string{"", " ", "a\nb"} {
		_, err := w.Release(t.Context(), id, reason)
		wantField(t, fmt.Sprintf("%q", reason), err, "reason")
	}
	w.wantCopies(id, 16, false)
}

func TestHoldsListsActiveAndThenPastHoldsInPages(t *testing.T) {
	for _, n := range []struct{ active, past, pages int }{
		{0, 0, 1}, {1, 0, 1}, {99, 1, 1}, {99, 2, 2}, {100, 0, 2}, {100, 100, 2}, {230, 350, 6}, {0, 350, 4},
	} {
		w := newFixture(t)
		var past, active []string
		for i := range n.past + n.active {
			id := w.quarantine(fmt.Sprint(i)).Hold.ID
			if i < n.past {
				w.release(id)
				past = append(past, id)
			} else {
				active = append(active, id)
			}
		}
		slices.Sort(past)
		slices.Sort(active)
		var gotActive, gotPast []string
		pages := 0
		for next := ""; ; {
			p, err := w.Holds(t.Context(), next)
			if err != nil {
				t.Fatal(err)
			}
			if pages++; len(p.Active)+len(p.Past) > quarantine.PageSize {
				t.Errorf("a page of %d", len(p.Active)+len(p.Past))
			}
			if len(p.Active) > 0 && len(gotPast) > 0 {
				t.Error("active ones after past ones")
			}
			gotActive, gotPast = append(gotActive, ids(p.Active)...), append(gotPast, ids(p.Past)...)
			if next = p.Next; next == "" {
				break
			}
		}
		if pages != n.pages || !slices.Equal(gotActive, active) || !slices.Equal(gotPast, past) {
			t.Errorf("%+v: %d active and %d past in %d pages", n, len(gotActive), len(gotPast), pages)
		}
	}
}

func ids(holds []hold.Hold) (all []string) {
	for _, h := range holds {
		all = append(all, h.ID)
	}
	return all
}

// A store may return less than a page although more follows, and holds placed in part have fewer copies.
func TestShortPagesOfShardsLoseAndRepeatNoHold(t *testing.T) {
	w := newFixture(t)
	w.page = 3
	var want []string
	for i := range 200 {
		id := w.quarantine(fmt.Sprint(i)).Hold.ID
		want = append(want, id)
		for shard := range store.Shards {
			if shard != i%store.Shards && i%(shard+2) > 0 {
				delete(w.rows[store.ActiveHolds(byte(shard))], id)
			}
		}
	}
	slices.Sort(want)
	var got []string
	for next := ""; ; {
		p, err := w.Holds(t.Context(), next)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ids(p.Active)...)
		if next = p.Next; next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d listed, %d distinct, want %d", len(got), len(slices.Compact(slices.Sorted(slices.Values(got)))), len(want))
	}
}

func TestHoldsRefusesAnyOtherCursor(t *testing.T) {
	for _, next := range []string{"x", "past", "-", "past-x", "' or 1 eq 1", "active-0000000000000000000000000000000g", "00000000000000000000000000000000"} {
		_, err := newFixture(t).Holds(t.Context(), next)
		wantField(t, next, err, "next")
	}
}

func TestFailingStoreIsUnavailable(t *testing.T) {
	w := newFixture(t)
	id := w.quarantine("k").Hold.ID
	for name, call := range map[string]func() error{
		"quarantine": func() error { _, err := w.Quarantine(t.Context(), w.request(), nil); return err },
		"alert":      func() error { _, err := w.Alert(t.Context(), plain.in(t, "export")); return err },
		"release":    func() error { _, err := w.Release(t.Context(), id, "over"); return err },
		"holds":      func() error { _, err := w.Holds(t.Context(), ""); return err },
		"patrol":     func() error { _, err := w.Patrol(t.Context()); return err },
	} {
		for _, operation := range []string{"get", "list"} {
			w.before = func(o, _ string) error {
				if o == operation || o == "list" {
					return errLost
				}
				return nil
			}
			if err := call(); err != nil && !errors.Is(err, secret.ErrUnavailable) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.before = func(string, string) error { return errLost }
		if err := call(); !errors.Is(err, secret.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBusThatIsDownStopsNoHold(t *testing.T) {
	w := newFixture(t)
	w.bus.down = true
	o := w.quarantine("k")
	if o.EventSent || !o.New {
		t.Errorf("%+v", o)
	}
	w.wantCopies(o.Hold.ID, 16, false)
	if released := w.release(o.Hold.ID); released.EventSent {
		t.Errorf("%+v", released)
	}
	w.wantCopies(o.Hold.ID, 0, true)
	w.quarantine("another")
	w.pass(time.Hour)
	if s := w.patrol(); s.EventSent || len(s.Expired) != 1 {
		t.Errorf("%+v", s)
	}
	// When it is up again, a repeated call sends the event.
	w.bus.down = false
	if again := w.release(o.Hold.ID); !again.EventSent {
		t.Errorf("%+v", again)
	}
}

func TestEventsAreSentBeforeTheCallReturns(t *testing.T) {
	w := newFixture(t)
	h := w.quarantine("k").Hold
	w.release(h.ID)
	w.Refuse()
	for i, want := range []string{"secretsharer.hold.created", "secretsharer.hold.released", "secretsharer.operator.refused"} {
		e := w.bus.events[i]
		if e.Type != want || e.Time != start || i < 2 && (e.Subject != h.ID[:8] || e.ID == "" || e.ID[:8] == h.ID[:8]) || i == 2 && e.Subject != "" {
			t.Errorf("%+v, want %s", e, want)
		}
	}
	// The same event has the same id again, another event has another one.
	w.release(h.ID)
	if e := w.bus.events; e[3] != e[1] || e[0].ID == e[1].ID {
		t.Errorf("%+v", e)
	}
}

func TestConcurrentCallsForOneHoldAgree(t *testing.T) {
	for range 50 {
		w := newFixture(t)
		outcomes := make(chan quarantine.Outcome, 8)
		for range 8 {
			go func() {
				o, err := w.Alert(w.Context(), plain.in(w.T, "logicapp"))
				if err != nil {
					w.Error(err)
				}
				outcomes <- o
			}()
		}
		fresh := 0
		var id string
		for range 8 {
			o := <-outcomes
			if o.New {
				fresh++
			}
			id = o.Hold.ID
		}
		w.wantCopies(id, 16, false)
		if fresh != 1 {
			t.Fatalf("%d calls say that the hold is new", fresh)
		}
	}
}

func TestHoldThatIsBeingReleasedIsListedAsPast(t *testing.T) {
	w := newFixture(t)
	id := w.quarantine("k").Hold.ID
	w.fail("lost", "drop", 1)
	_, _ = w.Release(t.Context(), id, "over")
	w.heal()
	p, err := w.Holds(t.Context(), "")
	if err != nil || len(p.Active) != 0 || len(p.Past) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}
