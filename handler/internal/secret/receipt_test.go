package secret_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// story returns a receipt's events as one line, with the minutes since the start.
func story(r secret.Receipt) string {
	var all []string
	for _, e := range r.Events {
		line := fmt.Sprintf("%s %.0f", e.Event, e.At.Sub(start).Minutes())
		if e.Held {
			line += " held"
		}
		all = append(all, line)
	}
	return strings.Join(all, ", ")
}

// TestReceiptListsEventsInOrder compares receipts after several courses of events.
func TestReceiptListsEventsInOrder(t *testing.T) {
	minutes := func(w *fixture, n int) { w.pass(time.Duration(n) * time.Minute) }
	for name, test := range map[string]struct {
		plays func(*fixture)
		state secret.State
		want  string
	}{
		"nothing yet": {func(*fixture) {}, "live", "created 0"},
		"read and acknowledged": {func(w *fixture) {
			w.guessOnce("x")
			minutes(w, 1)
			w.must(w.read(keyA))
			minutes(w, 1)
			w.must(w.ack(keyA))
			w.must(w.read(keyB))
		}, "read", "created 0, refused 0, read 1, acked 2, read 2"},
		"lapsed": {func(w *fixture) {
			w.must(w.read(keyA))
			minutes(w, 10)
		}, "live", "created 0, read 0, lapsed 2"},
		"lapsed, then acknowledged": {func(w *fixture) {
			w.must(w.read(keyA))
			minutes(w, 10)
			w.must(w.ack(keyA))
		}, "live", "created 0, read 0, lapsed 2, acked 10"},
		"lapsed, then revoked": {func(w *fixture) {
			w.must(w.read(keyA))
			minutes(w, 10)
			w.must(w.read(keyB))
			w.must(w.revoke())
			minutes(w, 10)
		}, "revoked", "created 0, read 0, lapsed 2, read 10, revoked 10"},
		"frozen and unlocked": {func(w *fixture) {
			w.guessOnce("x")
			w.guessOnce("y")
			w.must(w.unlock("k"))
		}, "live", "created 0, refused 0, refused 0, unlocked 0"},
		"frozen": {func(w *fixture) {
			w.with(func(d *secret.Deps) { d.Policy.Tries = 2 })
			w.guessOnce("x")
			minutes(w, 1)
			w.guessOnce("y")
		}, "frozen", "created 0, refused 0, refused 1, frozen 1"},
		"expired unread": {func(w *fixture) {
			w.must(w.read(keyA))
			minutes(w, 25*60)
		}, "expired", "created 0, read 0, lapsed 2, expired 1440"},
		"expired after the last view": {func(w *fixture) {
			w.must(w.read(keyA))
			w.must(w.read(keyB))
			minutes(w, 25*60)
		}, "read", "created 0, read 0, read 0, lapsed 2, lapsed 2"},
		"expired under a reader, then revoked": {func(w *fixture) {
			minutes(w, 24*60-1)
			w.must(w.read(keyA))
			w.pass(90 * time.Second)
			w.must(w.revoke())
		}, "revoked", "created 0, read 1439, expired 1440, revoked 1440"},
		"held and released": {func(w *fixture) {
			minutes(w, 1)
			w.hold(time.Hour, hold.BlockRead)
			minutes(w, 1)
			w.release()
		}, "live", "created 0, held 1, released 2"},
		"held": {func(w *fixture) {
			minutes(w, 1)
			w.hold(time.Hour, hold.BlockRead)
		}, "held", "created 0, held 1"},
		"a hold that ends by itself": {func(w *fixture) {
			minutes(w, 1)
			w.hold(time.Hour, hold.BlockRead)
			minutes(w, 100)
		}, "live", "created 0, held 1, released 61"},
		"expired while held": {func(w *fixture) {
			minutes(w, 23*60)
			w.hold(3*time.Hour, hold.BlockRead)
			minutes(w, 2*60)
			w.release()
		}, "expired", "created 0, held 1380, expired 1440 held, released 1500"},
		"expired after a hold": {func(w *fixture) {
			w.hold(time.Hour, hold.BlockRead)
			minutes(w, 25*60)
		}, "expired", "created 0, held 0, released 60, expired 1440"},
		"a hold that is being released is active and past": {func(w *fixture) {
			minutes(w, 1)
			w.hold(time.Hour, hold.BlockRead)
			active := slices.Clone(w.active)
			minutes(w, 1)
			w.release()
			w.active = active
		}, "held", "created 0, held 1, released 2"},
		"a hold on others": {func(w *fixture) {
			w.hold(time.Hour, hold.BlockRead)
			w.active[0].Scope = hold.Scope{Kind: hold.ScopeID, ID: "another"}
		}, "live", "created 0"},
	} {
		t.Run(name, func(t *testing.T) {
			w := fixtureWith(t, 2)
			test.plays(w)
			if r := w.receipt(); story(r) != test.want || r.State != test.state {
				t.Errorf("%s: %s\nwant %s: %s", r.State, story(r), test.state, test.want)
			}
		})
	}
}

func TestReceiptBeginsWithTheCreation(t *testing.T) {
	w := newFixture(t)
	w.hold(24*time.Hour, hold.BlockRead)
	w.hold(time.Minute, hold.BlockRead)
	w.active[1].ID = "over before"
	w.pass(time.Hour)
	w.create(w.draft(1))
	if got := story(w.receipt()); got != "created 60, held 60" {
		t.Error(got)
	}
}

func TestReceiptListsAHundredEvents(t *testing.T) {
	w := fixtureWith(t, 100)
	for i := range 100 {
		w.pass(time.Second)
		key := []byte(fmt.Sprintf("key %d", i))
		w.must(w.read(key))
		w.must(w.ack(key))
	}
	r := w.receipt()
	if len(r.Events) != 100 || r.Events[0].Event != "created" || r.Events[99].Event != "acked" || r.Views != 0 {
		t.Errorf("%d events, from %v to %v", len(r.Events), r.Events[0], r.Events[len(r.Events)-1])
	}
	if !slices.IsSortedFunc(r.Events, func(a, b secret.Entry) int { return a.At.Compare(b.At) }) {
		t.Error("not the oldest first")
	}
}

func TestRowKeepsTheLatestHundredLines(t *testing.T) {
	w := fixtureWith(t, 1)
	for i := range 150 {
		w.must(w.unlock(fmt.Sprint(i)))
	}
	if got := w.stored().Log; len(got) != 100 || got[99].Event != "unlocked" {
		t.Errorf("%d lines, the last %v", len(got), got[len(got)-1])
	}
}

func TestReceiptReportsFailures(t *testing.T) {
	w := fixtureWith(t, 1)
	for _, operation := range []string{"peek", "holds", "past"} {
		w.before = failing(operation)
		_, err := w.Receipt(t.Context(), w.id, manage)
		w.wantAnswer(err, "unavailable")
	}
	w.before = nil
	_, err := w.Receipt(t.Context(), w.id, access)
	w.wantAnswer(err, "not found")
}

// TestReceiptOutlivesTheEnvelope reads it from a tombstone, until the retention is over.
func TestReceiptOutlivesTheEnvelope(t *testing.T) {
	w := fixtureWith(t, 1)
	w.pass(ttl + time.Hour)
	w.purge()
	if got := story(w.receipt()); w.sealed() || got != "created 0, expired 1440" {
		t.Error(got)
	}
	w.pass(retention)
	w.purge()
	_, err := w.Receipt(t.Context(), w.id, manage)
	w.wantAnswer(err, "not found")
}
