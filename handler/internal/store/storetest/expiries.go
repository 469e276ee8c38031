package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func expiredPages(t *testing.T, s Store) {
	ctx := t.Context()
	const n = 1_050
	want := map[header.ID]bool{}
	var group errgroup.Group
	group.SetLimit(32)
	insert := func(r *secret.Record) {
		group.Go(func() error {
			if err := s.Insert(ctx, r); !errors.Is(err, secret.ErrExists) { // by a try of this call whose answer was lost
				return err
			}
			return nil
		})
	}
	base := Start.AddDate(0, 1, 0)
	for i := range n {
		r := Record(base.Add(time.Duration(i%3)*header.SlotTime), 8)
		want[r.ID] = true
		insert(r)
	}
	insert(Record(base.Add(3*header.SlotTime), 8))
	insert(Record(base.Add(-header.SlotTime), 8))
	must(t, group.Wait())
	last := header.Slot(0)
	for cursor := ""; ; {
		rows, next, err := s.Expired(ctx, header.SlotOf(base), header.SlotOf(base)+3, true, cursor)
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
		rows, _, err := s.Expired(ctx, header.SlotOf(base), header.SlotOf(base)+1, uncleared, "")
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
			t.Errorf("the last row was not deleted")
		}
	}
}
