package quarantine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

func (w *fixture) patrol() quarantine.Patrolled {
	w.Helper()
	s, err := w.Patrol(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func TestPatrolEndsExpiredHoldsOnly(t *testing.T) {
	w := newFixture(t)
	short := w.quarantine("short").Hold
	long := w.request()
	long.Until = w.now.Add(2 * time.Hour)
	stays := w.must(w.Quarantine(t.Context(), long, nil)).Hold
	if s := w.patrol(); len(s.Expired) > 0 || s.Removed > 0 || !s.EventSent {
		t.Errorf("too early: %+v", s)
	}
	w.pass(time.Hour)
	s := w.patrol()
	if len(s.Expired) != 1 || s.Expired[0].ID != short.ID || s.Removed != 0 || !s.EventSent {
		t.Errorf("%+v", s)
	}
	w.wantCopies(short.ID, 0, true)
	w.wantCopies(stays.ID, 16, false)
	if h := w.rows[store.PastHolds][short.ID]; !h.ReleasedAt.IsZero() {
		t.Errorf("it was not released: %+v", h)
	}
	if last := w.bus.events[len(w.bus.events)-1]; last.Type != "secretsharer.hold.ended" || last.Time != short.Until || last.Subject != short.ID[:8] {
		t.Errorf("%+v", last)
	}
	if s := w.patrol(); len(s.Expired) > 0 {
		t.Errorf("ended twice: %+v", s)
	}
}

// The wall clock jumps ahead; see clock.Settled.
func TestPatrolUsesTheSettledClock(t *testing.T) {
	w := newFixture(t)
	id := w.quarantine("k").Hold.ID
	w.Settled = func() time.Time { return start }
	w.pass(1000 * time.Hour)
	w.patrol()
	w.wantCopies(id, 16, false)
}

func TestPatrolRemovesCopiesOfArchivedHolds(t *testing.T) {
	w := newFixture(t)
	h := w.quarantine("k").Hold
	w.release(h.ID)
	for shard := range byte(3) { // writes of an abandoned call take effect late
		w.rows[store.ActiveHolds(shard*5)][h.ID] = *h
	}
	if s := w.patrol(); s.Removed != 1 || len(s.Expired) != 0 {
		t.Errorf("%+v", s)
	}
	w.wantCopies(h.ID, 0, true)
	if got := fmt.Sprint(w.bus.published()); got != "[secretsharer.hold.created secretsharer.hold.released]" {
		t.Errorf("published %s", got)
	}
}

func TestNextPatrolCompletesAnInterruptedOne(t *testing.T) {
	for _, kind := range []string{"get", "insert", "drop"} {
		for _, fault := range faults {
			for n := 1; n <= 16; n++ {
				w := newFixture(t)
				id := w.quarantine("k").Hold.ID
				w.pass(time.Hour)
				w.fail(fault, kind, n)
				_, _ = w.Patrol(t.Context())
				w.heal()
				w.patrol()
				w.wantCopies(id, 0, true)
				if got := fmt.Sprint(w.bus.published()); got != "[secretsharer.hold.created secretsharer.hold.ended]" {
					t.Errorf("%s at %s %d: published %s", fault, kind, n, got)
				}
			}
		}
	}
}

func TestPatrolGoesOnAfterAFailure(t *testing.T) {
	w := newFixture(t)
	for n := range 20 {
		w.quarantine(fmt.Sprint(n))
	}
	w.pass(time.Hour)
	w.fail("lost", "insert", 1)
	w.before = func(operation, _ string) error {
		if operation == "insert" && len(w.rowsOf(store.PastHolds)) == 0 {
			return errLost
		}
		return nil
	}
	if _, err := w.Patrol(t.Context()); !errors.Is(err, secret.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	w.heal()
	w.patrol()
	if n := len(w.rows[store.PastHolds]); n != 20 {
		t.Errorf("%d are past", n)
	}
}

// Active holds cost a patrol nothing but their listing, and only while one was released early.
func TestPatrolLooksUpOnlyWhatMayBeArchived(t *testing.T) {
	w := newFixture(t)
	const n = 2500 // three pages
	for i := range n {
		w.quarantine(fmt.Sprint(i))
	}
	patrol := func() map[string]int {
		var mu sync.Mutex
		count := map[string]int{}
		w.before = func(operation, _ string) error {
			mu.Lock()
			defer mu.Unlock()
			count[operation]++
			return nil
		}
		w.patrol()
		return count
	}
	if got := patrol(); fmt.Sprint(got) != "map[list:17]" {
		t.Errorf("with active holds: %v", got)
	}
	w.fail("lost", "drop", 16) // leaves one copy
	id := id(w)
	_, _ = w.Release(t.Context(), id, "over")
	if got := patrol(); fmt.Sprint(got) != "map[drop:16 get:17 list:65]" {
		t.Errorf("with one released: %v", got)
	}
	w.wantCopies(id, 0, true)
	w.pass(time.Hour)
	w.heal()
	if s := w.patrol(); len(s.Expired) != n-1 || s.Removed != 0 {
		t.Errorf("at their end %d expired, %d removed", len(s.Expired), s.Removed)
	}
	if got := patrol(); fmt.Sprint(got) != "map[list:17]" {
		t.Errorf("with past holds: %v", got)
	}
}

func TestPastHoldsAreDeletedAfterTheirRetention(t *testing.T) {
	w := newFixture(t)
	released, ended := w.quarantine("released").Hold.ID, w.quarantine("ended").Hold.ID
	w.release(released)
	w.pass(time.Hour)
	w.patrol()
	prune := func(want int) {
		t.Helper()
		if n, err := w.Prune(t.Context()); err != nil || n != want {
			t.Errorf("deleted %d: %v, want %d", n, err, want)
		}
	}
	w.pass(8760*time.Hour - time.Second)
	active := w.quarantine("active").Hold.ID
	prune(0)
	w.wantCopies(released, 0, true)
	w.pass(time.Second) // the released one is kept as long as the other: a late copy of it could act until then
	w.fail("lost", "drop", 1)
	if _, err := w.Prune(t.Context()); !errors.Is(err, secret.ErrUnavailable) {
		t.Error(err)
	}
	w.heal()
	prune(2)
	w.wantCopies(released, 0, false)
	w.wantCopies(ended, 0, false)
	w.wantCopies(active, 16, false)
}

func (m *memory) rowsOf(partition string) map[string]hold.Hold {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rows[partition]
}

func TestReleaseAndPatrolAtOnceKeepTheFirst(t *testing.T) {
	w := newFixture(t)
	id := w.quarantine("k").Hold.ID
	w.overtake("before", 18, func() { w.pass(time.Hour); w.patrol() }) // before the release archives the hold
	o := w.must(w.Release(t.Context(), id, "over"))
	if !o.Hold.ReleasedAt.IsZero() {
		t.Errorf("an ended hold was released: %+v", o.Hold)
	}
	w.wantCopies(id, 0, true)
}

func TestReleaseAfterTheEndIsAnExpiry(t *testing.T) {
	w := newFixture(t)
	id := w.quarantine("k").Hold.ID
	w.pass(time.Hour)
	if o := w.release(id); !o.Hold.ReleasedAt.IsZero() || o.Hold.ReleaseReason != "" {
		t.Errorf("%+v", o.Hold)
	}
	if got := fmt.Sprint(w.bus.published()); got != "[secretsharer.hold.created secretsharer.hold.ended]" {
		t.Errorf("published %s", got)
	}
}

func TestEndedContextStopsAPatrol(t *testing.T) {
	w := newFixture(t)
	id := w.quarantine("k").Hold.ID
	w.pass(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Patrol(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	w.wantCopies(id, 16, false)
}

// Two calls that place a hold at the same time may give its copies different ends.
func TestLatestEndOfAHoldsCopiesCounts(t *testing.T) {
	for shard := range byte(store.Shards) {
		w := newFixture(t)
		h := *w.quarantine("k").Hold
		h.Until = h.Until.Add(time.Second)
		w.rows[store.ActiveHolds(shard)][h.ID] = h
		w.pass(time.Hour)
		w.patrol()
		w.wantCopies(h.ID, 16, false)
		w.pass(time.Second)
		if s := w.patrol(); len(s.Expired) != 1 || s.Expired[0].Until != h.Until {
			t.Errorf("%+v", s)
		}
	}
}
