// Package storetest is the one suite that every store passes: what the ports of
// package secret promise, seen from outside.
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Store is all that a store does.
type Store interface {
	secret.Store
	secret.Expiries
	secret.Work
	secret.Watermarks
	secret.Holds
	PutHold(ctx context.Context, partition string, h secret.Hold) error
	DropHold(ctx context.Context, partition, id string) error
}

// Start is the expiry of the suite's secrets: long past, so that no test waits for it.
var Start = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// Record returns a new row that expires at the given time, with an envelope of the given size in bytes.
func Record(expires time.Time, size int) *secret.Record {
	r := &secret.Record{
		Created: expires.Add(-time.Hour), Expires: expires, Views: 1,
		Sealed: secret.Sealed{Key: secret.KeyRef{Algorithm: "A256KW", Name: "kek", Version: "1"}, Wrapped: []byte("wrapped"), Envelope: make([]byte, size)},
	}
	for _, b := range [][]byte{r.ID[:], r.Header[:], r.Access[:], r.Claim[:], r.Manage[:], r.Digest[:], r.Sealed.Envelope} {
		_, _ = rand.Read(b) // never fails
	}
	binary.BigEndian.PutUint32(r.ID[:], uint32(secret.SlotOf(expires)))
	return r
}

// Run runs the suite on stores that open returns, each empty of what the suite looks for.
func Run(t *testing.T, open func(t testing.TB) Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Store)
	}{
		{"an inserted row comes back whole", wholeRow},
		{"a row is inserted once", insertedOnce},
		{"an update needs the current version", currentVersion},
		{"a cleared row has lost its envelope", clearedRow},
		{"one writer of a version wins", oneWriter},
		{"expired rows come in pages, in order, and no living one", expiredPages},
		{"clear and delete leave what has changed", leavesChanged},
		{"marks are due, once each, until they are removed", dueMarks},
		{"watermarks are kept", keptWatermarks},
		{"holds stand in their partitions", heldPartitions},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wholeRow(t *testing.T, s Store) {
	ctx := t.Context()
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 921_600 + 28} {
		r := Record(Start, size)
		r.Views = 7
		for i := range 100 {
			r.Leases = append(r.Leases, secret.Lease{Key: secret.Hash{byte(i)}, Taken: Start, End: Start.Add(time.Minute), Acked: Start.Add(time.Second)})
			r.Tries = append(r.Tries, secret.Try{byte(i)})
			r.Log = append(r.Log, secret.Entry{Event: "unlocked", At: Start})
		}
		r.Frozen, r.Unlock = Start, secret.Hash{1}
		must(t, s.Insert(ctx, r))
		got, err := s.Get(ctx, r.ID)
		must(t, err)
		small, err := s.Peek(ctx, r.ID)
		must(t, err)
		if small.Sealed.Envelope != nil || small.Sealed.Wrapped != nil || small.Version == "" || small.Version != got.Version {
			t.Errorf("%d bytes: peek returned an envelope of %d bytes, version %q, get %q", size, len(small.Sealed.Envelope), small.Version, got.Version)
		}
		if !bytes.Equal(got.Sealed.Envelope, r.Sealed.Envelope) || !bytes.Equal(got.Sealed.Wrapped, r.Sealed.Wrapped) {
			t.Errorf("%d bytes: the envelope came back as %d others", size, len(got.Sealed.Envelope))
		}
		for _, r := range []*secret.Record{r, got, small} {
			r.Version, r.Sealed.Wrapped, r.Sealed.Envelope = "", nil, nil
		}
		if want := fmt.Sprintf("%+v", r); fmt.Sprintf("%+v", got) != want || fmt.Sprintf("%+v", small) != want {
			t.Errorf("got  %+v\npeek %+v\nwant %s", got, small, want)
		}
	}
	if _, err := s.Get(ctx, secret.ID{9}); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("get of nothing: %v", err)
	}
	if _, err := s.Peek(ctx, secret.ID{9}); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("peek at nothing: %v", err)
	}
}

func insertedOnce(t *testing.T, s Store) {
	r := Record(Start, 10)
	must(t, s.Insert(t.Context(), r))
	if err := s.Insert(t.Context(), r); !errors.Is(err, secret.ErrExists) {
		t.Errorf("insert again: %v", err)
	}
}

func currentVersion(t *testing.T, s Store) {
	ctx := t.Context()
	r := Record(Start, 10)
	must(t, s.Insert(ctx, r))
	first, err := s.Peek(ctx, r.ID)
	must(t, err)
	first.Views = 5
	must(t, s.Update(ctx, first))
	if err := s.Update(ctx, first); !errors.Is(err, secret.ErrStale) {
		t.Errorf("update of an old version: %v", err)
	}
	got, err := s.Get(ctx, r.ID)
	must(t, err)
	if got.Views != 5 || !bytes.Equal(got.Sealed.Envelope, r.Sealed.Envelope) {
		t.Errorf("after the update of a row without its envelope: %d views, %d bytes", got.Views, len(got.Sealed.Envelope))
	}
	first.ID[19]++
	if err := s.Update(ctx, first); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("update of nothing: %v", err)
	}
}

func clearedRow(t *testing.T, s Store) {
	ctx := t.Context()
	r := Record(Start, 100_000)
	must(t, s.Insert(ctx, r))
	got, err := s.Get(ctx, r.ID)
	must(t, err)
	got.Cleared = true
	must(t, s.Update(ctx, got))
	got, err = s.Get(ctx, r.ID)
	must(t, err)
	if !got.Cleared || len(got.Sealed.Envelope) > 0 || len(got.Sealed.Wrapped) > 0 || got.Digest != r.Digest {
		t.Errorf("cleared row: %+v", got)
	}
}

func oneWriter(t *testing.T, s Store) {
	ctx := t.Context()
	for _, writers := range []int{2, 8, 64} {
		r := Record(Start, 10)
		must(t, s.Insert(ctx, r))
		got, err := s.Peek(ctx, r.ID)
		must(t, err)
		results := make(chan error, writers)
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				mine := *got
				mine.Leases = []secret.Lease{{Key: secret.Hash{byte(i)}, Taken: Start, End: Start}}
				results <- s.Update(ctx, &mine)
			})
		}
		group.Wait()
		close(results)
		won := 0
		for err := range results {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, secret.ErrStale):
				t.Errorf("update: %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d writers won", won, writers)
		}
	}
}

func expiredPages(t *testing.T, s Store) {
	ctx := t.Context()
	const n = 1_050
	want := map[secret.ID]bool{}
	var group sync.WaitGroup
	gate := make(chan struct{}, 32)
	insert := func(r *secret.Record) {
		gate <- struct{}{}
		group.Go(func() {
			defer func() { <-gate }()
			if err := s.Insert(ctx, r); err != nil {
				t.Error(err)
			}
		})
	}
	base := Start.AddDate(0, 1, 0)
	for i := range n {
		r := Record(base.Add(time.Duration(i%3)*secret.SlotTime), 8)
		want[r.ID] = true
		insert(r)
	}
	insert(Record(base.Add(3*secret.SlotTime), 8))
	insert(Record(base.Add(-secret.SlotTime), 8))
	group.Wait()
	last := secret.Slot(0)
	for cursor := ""; ; {
		rows, next, err := s.Expired(ctx, secret.SlotOf(base), secret.SlotOf(base)+3, true, cursor)
		must(t, err)
		if len(rows) > 1_000 {
			t.Fatalf("a page of %d rows", len(rows))
		}
		for _, r := range rows {
			if !want[r.ID] || r.ID.Slot() < last || r.Version == "" || r.Sealed.Envelope != nil {
				t.Fatalf("row of slot %d after %d, wanted: %v, version %q", r.ID.Slot(), last, want[r.ID], r.Version)
			}
			last = r.ID.Slot()
			delete(want, r.ID)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if len(want) > 0 {
		t.Errorf("%d rows were not listed", len(want))
	}
}

func leavesChanged(t *testing.T, s Store) {
	ctx := t.Context()
	base := Start.AddDate(0, 2, 0)
	for range 130 {
		must(t, s.Insert(ctx, Record(base, 2_000)))
	}
	list := func(uncleared bool) []*secret.Record {
		rows, _, err := s.Expired(ctx, secret.SlotOf(base), secret.SlotOf(base)+1, uncleared, "")
		must(t, err)
		return rows
	}
	change := func(r *secret.Record) {
		mine := *r
		mine.Views = 3
		must(t, s.Update(ctx, &mine))
	}
	for _, step := range []struct {
		name string
		do   func(context.Context, []*secret.Record) ([]*secret.Record, error)
		left func() []*secret.Record
	}{
		{"clear", s.Clear, func() []*secret.Record { return list(true) }},
		{"delete", s.Delete, func() []*secret.Record { return list(false) }},
	} {
		rows := list(false)
		change(rows[40])
		left, err := step.do(ctx, rows)
		must(t, err)
		if len(left) != 1 || left[0].ID != rows[40].ID || rows[0].Cleared != (step.name == "delete") {
			t.Fatalf("%s left %d rows, of %d", step.name, len(left), len(rows))
		}
		if got := step.left(); len(got) != 1 || got[0].ID != rows[40].ID {
			t.Fatalf("after %s %d rows are listed", step.name, len(got))
		}
	}
	if rest := list(false); len(rest) == 1 {
		left, err := s.Delete(ctx, rest)
		must(t, err)
		if len(left)+len(list(false)) > 0 {
			t.Errorf("the last row stays")
		}
	}
}

func dueMarks(t *testing.T, s Store) {
	ctx := t.Context()
	at := Start.Add(30 * time.Second)
	var ids []secret.ID
	for i := range 5 {
		id := Record(Start, 0).ID
		ids = append(ids, id)
		must(t, s.Mark(ctx, id, at.Add(time.Duration(i)*time.Minute)))
		must(t, s.Mark(ctx, id, at.Add(time.Duration(i)*time.Minute+time.Second)))
	}
	must(t, s.SetWatermark(ctx, "a write after the marks", 1))
	due, next, err := s.Due(ctx, Start.Add(3*time.Minute), "")
	must(t, err)
	if len(due) != 3 || next != "" || due[0].ID != ids[0] || !due[2].Minute.Equal(Start.Add(2*time.Minute)) {
		t.Fatalf("due: %v, want the first three", due)
	}
	must(t, s.Unmark(ctx, due))
	must(t, s.Unmark(ctx, due))
	due, _, err = s.Due(ctx, Start.Add(time.Hour), "")
	must(t, err)
	if len(due) != 2 || due[0].ID != ids[3] {
		t.Errorf("due after removing: %v", due)
	}
	must(t, s.Unmark(ctx, due))
}

func keptWatermarks(t *testing.T, s Store) {
	ctx := t.Context()
	for _, want := range []secret.Slot{0, 7, 5} {
		if want != 0 {
			must(t, s.SetWatermark(ctx, "pass", want))
		}
		if got, err := s.Watermark(ctx, "pass"); err != nil || got != want {
			t.Errorf("watermark %d, %v, want %d", got, err, want)
		}
	}
}

func heldPartitions(t *testing.T, s Store) {
	ctx := t.Context()
	id := secret.ID{4: 0xa7}
	hold := secret.Hold{ID: "h1", Scope: secret.Scope{Kind: secret.ScopePeriod, From: Start, To: Start.Add(time.Hour)},
		Modes: []secret.Mode{secret.BlockRead, secret.Preserve}, Until: Start.Add(time.Hour), Reason: "drill", CreatedAt: Start}
	must(t, s.PutHold(ctx, "active-a", hold))
	must(t, s.PutHold(ctx, "past", hold))
	got, err := s.Active(ctx, id)
	must(t, err)
	if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(hold) {
		t.Fatalf("active: %+v", got)
	}
	if got, err := s.Active(ctx, secret.ID{4: 0xb7}); err != nil || len(got) > 0 {
		t.Errorf("another partition: %v, %v", got, err)
	}
	must(t, s.DropHold(ctx, "active-a", "h1"))
	must(t, s.DropHold(ctx, "active-a", "h1"))
	active, err := s.Active(ctx, id)
	must(t, err)
	past, err := s.Past(ctx)
	must(t, err)
	if len(active) != 0 || len(past) != 1 {
		t.Errorf("active %v, past %v", active, past)
	}
}
