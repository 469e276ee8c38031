package quarantine_test

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// secrets fills a store with living secrets and with one of each kind that has ended.
func (w *fixture) secrets(living int) []*secret.Record {
	w.Helper()
	s, err := bolt.Open(w.TempDir()+"/store.db", 0, owned.Private)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = s.Close() })
	w.Secrets = s
	var all []*secret.Record
	add := func(n int, edit func(*secret.Record)) {
		r := &secret.Record{
			Created: w.now.Add(-time.Duration(n) * time.Minute), Expires: w.now.Add(time.Duration(n+1) * time.Hour), Views: 1,
			Sealed: secret.Sealed{Key: secret.KeyRef{Name: "kek-" + string(week.Of(w.now.Add(time.Duration(n+1)*time.Hour))), Version: "1"}},
		}
		edit(r)
		binary.BigEndian.PutUint32(r.ID[:], uint32(header.SlotOf(r.Expires)))
		r.ID[4], r.ID[19] = byte(n*37), byte(len(all))
		if err := s.Insert(w.Context(), r); err != nil {
			w.Fatal(err)
		}
		all = append(all, r)
	}
	for n := range living {
		add(n, func(*secret.Record) {})
	}
	add(1, func(r *secret.Record) { r.Views = 0 })
	add(2, func(r *secret.Record) { r.Revoked = w.now })
	add(3, func(r *secret.Record) { r.Expires = w.now.Add(-time.Second) })
	add(4, func(r *secret.Record) { r.Cleared = true })
	return all
}

func TestDryRunCountsReadableSecretsAndWritesNothing(t *testing.T) {
	w := newFixture(t)
	rows := w.secrets(200) // one an hour: the last of week 48 expires after 155 of them
	one := rows[17]
	for name, c := range map[string]struct {
		scope hold.Scope
		want  int
	}{
		"all":                 {all, 200},
		"this week":           {hold.Scope{Kind: hold.ScopeWeek, Week: "2026w48"}, 155},
		"the next":            {hold.Scope{Kind: hold.ScopeWeek, Week: "2026w49"}, 45},
		"a past week":         {hold.Scope{Kind: hold.ScopeWeek, Week: "2026w40"}, 0},
		"a key":               {hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w49"}, 45},
		"a version of none":   {hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w49", Version: "2"}, 0},
		"the last 10 minutes": {hold.Scope{Kind: hold.ScopePeriod, From: start.Add(-9 * time.Minute), To: start.Add(time.Second)}, 10},
		"a prefix":            {hold.Scope{Kind: hold.ScopePrefix, Prefix: one.ID.String()[:20]}, 1},
		"an id":               {hold.Scope{Kind: hold.ScopeID, ID: one.ID.String()}, 1},
		"the id of one read":  {hold.Scope{Kind: hold.ScopeID, ID: rows[200].ID.String()}, 0},
	} {
		if got, more, err := w.Covers(t.Context(), c.scope); err != nil || got != c.want || more {
			t.Errorf("%s: %d, %v, want %d", name, got, err, c.want)
		}
	}
	if len(w.rows) > 0 || len(w.bus.events) > 0 {
		t.Error("something was written")
	}
	_, _, err := w.Covers(t.Context(), hold.Scope{Kind: hold.ScopePrefix})
	wantField(t, "an empty prefix", err, "scope.prefix")
}

func TestDryRunGoesThroughAllPages(t *testing.T) {
	w := newFixture(t)
	w.secrets(2500)
	if got, _, err := w.Covers(t.Context(), all); err != nil || got != 2500 {
		t.Errorf("%d, %v", got, err)
	}
	_ = w.Secrets.(*bolt.Store).Close()
	if _, _, err := w.Covers(t.Context(), all); !errors.Is(err, secret.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

// endless has rows without end.
type endless struct {
	row   *secret.Record
	calls int
}

func (e *endless) Expired(_ context.Context, _, _ header.Slot, _ bool, _ string) ([]*secret.Record, string, error) {
	e.calls++
	return slices.Repeat([]*secret.Record{e.row}, 1000), "more", nil
}

func TestDryRunStopsCounting(t *testing.T) {
	w := newFixture(t)
	e := &endless{row: &secret.Record{Views: 1, Expires: w.now.Add(time.Hour)}}
	w.Secrets = e
	if got, more, err := w.Covers(t.Context(), all); err != nil || got != 100_000 || !more || e.calls != 100 {
		t.Errorf("counted %d in %d pages, more %v: %v", got, e.calls, more, err)
	}
}
