package quarantine_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

var errLost = errors.New("no answer")

// rounds lets the calls to the store proceed in groups: each call waits until its group is complete.
type rounds struct {
	mu    sync.Mutex
	sizes []int
	open  chan struct{}
	all   [][]string
}

func newRounds(sizes ...int) *rounds {
	return &rounds{sizes: sizes, open: make(chan struct{}), all: [][]string{nil}}
}

func (r *rounds) begin(operation, partition string) error {
	r.mu.Lock()
	n := len(r.all) - 1
	if n == len(r.sizes) {
		r.mu.Unlock()
		return fmt.Errorf("a further round trip: %s %s", operation, partition)
	}
	r.all[n] = append(r.all[n], operation)
	open := r.open
	if len(r.all[n]) == r.sizes[n] {
		close(r.open)
		r.open, r.all = make(chan struct{}), append(r.all, nil)
	}
	r.mu.Unlock()
	select {
	case <-open:
		return nil
	case <-time.After(10 * time.Second):
		return fmt.Errorf("%s %s: the other calls of its round trip do not begin", operation, partition)
	}
}

func TestRoundTripsOfEveryCall(t *testing.T) {
	for name, c := range map[string]struct {
		begin func(*fixture)
		call  func(*fixture) (quarantine.Outcome, error)
		sizes []int
		want  string
	}{
		"a new hold": {
			func(*fixture) {},
			func(w *fixture) (quarantine.Outcome, error) { return w.Alert(w.Context(), plain.in(w.T, "logicapp")) },
			[]int{2, 16, 2}, "[get insert get]",
		},
		"an active hold": {
			func(w *fixture) { w.must(w.Alert(w.Context(), plain.in(w.T, "logicapp"))) },
			func(w *fixture) (quarantine.Outcome, error) { return w.Alert(w.Context(), plain.in(w.T, "export")) },
			[]int{2, 16, 2}, "[get insert get]",
		},
		"a hold that is past": {
			func(w *fixture) { w.release(w.quarantine("k").Hold.ID) },
			func(w *fixture) (quarantine.Outcome, error) {
				return w.Quarantine(w.Context(), w.request(), []byte("k"))
			},
			[]int{2}, "[get]",
		},
		"a release": {
			func(w *fixture) { w.quarantine("k") },
			func(w *fixture) (quarantine.Outcome, error) { return w.Release(w.Context(), id(w), "over") },
			[]int{17, 1, 16}, "[get insert drop]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newFixture(t)
			c.begin(w)
			r := newRounds(c.sizes...)
			w.before = r.begin
			w.must(c.call(w))
			var got []string
			for _, round := range r.all[:len(r.all)-1] {
				got = append(got, slices.Compact(round)...)
			}
			if fmt.Sprint(got) != c.want || len(r.all) != len(c.sizes)+1 {
				t.Errorf("%v in %d rounds, want %s", got, len(r.all)-1, c.want)
			}
		})
	}
}

// id returns the ID of the active hold.
func id(w *fixture) string {
	for id := range w.rows[store.ActiveHolds(0)] {
		return id
	}
	return ""
}

// faults are the two cases of a call to the store without an answer: the request was lost, or the call took effect.
var faults = []string{"lost", "done"}

// fail makes the nth call of a kind and all later calls fail, as if the process ended there.
func (w *fixture) fail(fault, kind string, n int) {
	var mu sync.Mutex
	seen := 0
	wrong := func(operation, _ string) error {
		mu.Lock()
		defer mu.Unlock()
		if operation == kind {
			seen++
		}
		if seen >= n {
			return errLost
		}
		return nil
	}
	w.before, w.after = newMemory().before, newMemory().after
	if fault == "lost" {
		w.before = wrong
	} else {
		w.after = wrong
	}
}

func (w *fixture) heal() { w.before, w.after = newMemory().before, newMemory().after }

func TestRepeatCompletesAnInterruptedPlacing(t *testing.T) {
	for _, fault := range faults {
		for n := 1; n <= 16; n++ {
			w := newFixture(t)
			w.fail(fault, "insert", n)
			if _, err := w.Alert(t.Context(), plain.in(t, "logicapp")); !errors.Is(err, secret.ErrUnavailable) {
				t.Fatalf("%s at write %d: %v", fault, n, err)
			}
			if len(w.bus.events) > 0 {
				t.Errorf("%s at write %d: published a hold that is not placed", fault, n)
			}
			w.heal()
			w.pass(time.Minute)
			o := w.must(w.Alert(t.Context(), plain.in(t, "export")))
			w.wantCopies(o.Hold.ID, 16, false)
			if !o.EventSent || fmt.Sprint(w.bus.published()) != "[secretsharer.hold.created]" {
				t.Errorf("%s at write %d: published %v", fault, n, w.bus.published())
			}
		}
	}
}

// A call that was interrupted has written some of the copies.
func TestHoldPlacedInPartIsListedAndReleased(t *testing.T) {
	for n := 1; n <= 15; n++ {
		w := newFixture(t)
		w.fail("done", "insert", n)
		_, _ = w.Quarantine(t.Context(), w.request(), []byte("k"))
		w.heal()
		delete(w.rows[store.ActiveHolds(0)], id(w)) // the first shard is not special
		page, err := w.Holds(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Active) == 0 {
			continue // it had the first shard only
		}
		o := w.release(page.Active[0].ID)
		w.wantCopies(o.Hold.ID, 0, true)
	}
}

func TestRepeatOrPatrolCompletesAnInterruptedRelease(t *testing.T) {
	complete := map[string]func(*fixture, string) error{
		"repeat": func(w *fixture, id string) error { _, err := w.Release(w.Context(), id, "another reason"); return err },
		"patrol": func(w *fixture, _ string) error { _, err := w.Patrol(w.Context()); return err },
		"late delivery and patrol": func(w *fixture, _ string) error {
			_, err := w.Quarantine(w.Context(), w.request(), []byte("k"))
			_, patrolErr := w.Patrol(w.Context())
			return errors.Join(err, patrolErr)
		},
	}
	for name, complete := range complete {
		for _, fault := range faults {
			for n := 1; n <= 16; n++ {
				w := newFixture(t)
				id := w.quarantine("k").Hold.ID
				w.fail(fault, "drop", n)
				if _, err := w.Release(t.Context(), id, "over"); !errors.Is(err, secret.ErrUnavailable) {
					t.Fatalf("%s at removal %d: %v", fault, n, err)
				}
				w.heal()
				if err := complete(w, id); err != nil {
					t.Fatal(err)
				}
				w.wantCopies(id, 0, true)
				if h := w.rows[store.PastHolds][id]; h.ReleaseReason != "over" {
					t.Errorf("%s: released for %q", name, h.ReleaseReason)
				}
			}
		}
	}
}

func TestReleaseThatDidNotArchiveLeavesTheHold(t *testing.T) {
	w := newFixture(t)
	id := w.quarantine("k").Hold.ID
	w.fail("lost", "insert", 1)
	if _, err := w.Release(t.Context(), id, "over"); !errors.Is(err, secret.ErrUnavailable) {
		t.Fatal(err)
	}
	w.heal()
	w.wantCopies(id, 16, false)
	w.fail("done", "insert", 1) // it is written, and the answer is lost
	_, _ = w.Release(t.Context(), id, "over")
	w.heal()
	w.wantCopies(id, 16, true)
	w.release(id)
	w.wantCopies(id, 0, true)
}

// The release happens before or after each step of the quarantine.
func TestReleaseThatOvertakesQuarantineWins(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		for step := 1; step <= 20; step++ {
			w := newFixture(t)
			id := w.quarantine("k").Hold.ID
			w.overtake(when, step, func() { w.release(id) })
			o := w.must(w.Quarantine(t.Context(), w.request(), []byte("k")))
			_, past := w.copies(id)
			if !past {
				t.Fatalf("%s step %d: the release did not happen", when, step)
			}
			w.wantCopies(id, 0, true)
			if o.New {
				t.Errorf("%s step %d: new", when, step)
			}
		}
	}
}

// overtake runs do before or after the nth call to the store. The other calls of the round trip wait for it.
func (w *fixture) overtake(when string, n int, do func()) {
	var turn sync.Mutex
	var within atomic.Bool
	calls := 0
	hook := func(string, string) error {
		if within.Load() { // a call of do itself
			return nil
		}
		turn.Lock()
		defer turn.Unlock()
		if calls++; calls == n {
			within.Store(true)
			do()
			within.Store(false)
		}
		return nil
	}
	if when == "before" {
		w.before = hook
	} else {
		w.after = hook
	}
}

// One write of the 16 fails, and nothing else.
func TestQuarantineFailsUnlessEveryCopyIsWritten(t *testing.T) {
	for _, fault := range faults {
		for shard := range byte(store.Shards) {
			w := newFixture(t)
			wrong := func(operation, partition string) error {
				if operation == "insert" && partition == store.ActiveHolds(shard) {
					return errLost
				}
				return nil
			}
			if fault == "lost" {
				w.before = wrong
			} else {
				w.after = wrong
			}
			if _, err := w.Quarantine(t.Context(), w.request(), []byte("k")); !errors.Is(err, secret.ErrUnavailable) {
				t.Errorf("%s in shard %d: %v", fault, shard, err)
			}
			w.heal()
			o := w.quarantine("k")
			w.wantCopies(o.Hold.ID, 16, false)
		}
	}
}
