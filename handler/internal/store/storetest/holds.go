package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

func newHold(id string) hold.Hold {
	return hold.Hold{
		ID: id, Scope: hold.Scope{Kind: hold.ScopePeriod, From: Start, To: Start.Add(time.Hour)},
		Modes: []hold.Mode{hold.BlockRead, hold.Preserve}, Until: Start.Add(time.Hour), Reason: "drill", CreatedAt: Start,
	}
}

// heldTargets asks for the holds that concern two secrets, among holds of every kind.
func heldTargets(t *testing.T, s Store) {
	ctx := t.Context()
	one, other := Record(Start, 0), Record(Start.Add(7*24*time.Hour), 0)
	id := one.ID.String()
	var active []hold.Hold
	for i, scope := range []hold.Scope{
		{Kind: hold.ScopeAll},
		{Kind: hold.ScopeWeek, Week: week.Of(one.Expires)},
		{Kind: hold.ScopeKey, Name: "kek"},
		{Kind: hold.ScopePeriod, From: one.Created, To: one.Created.Add(time.Second)},
		{Kind: hold.ScopePrefix, Prefix: id[:12]},
		{Kind: hold.ScopeID, ID: id},
		{Kind: hold.ScopeID, ID: other.ID.String()},
	} {
		h := newHold(fmt.Sprintf("h%d", i))
		h.Scope = scope
		if i%2 == 0 {
			h.Modes = []hold.Mode{hold.BlockRead}
		}
		_, err := store.Holds{Partitions: s}.Place(ctx, h)
		must(t, err)
		active = append(active, h)
		h.ReleasedAt = Start.Add(time.Duration(i) * time.Minute)
		must(t, s.InsertHold(ctx, store.PastHolds, h))
	}
	check := func(what, want string) func([]hold.Hold, error) {
		return func(got []hold.Hold, err error) {
			t.Helper()
			must(t, err)
			var ids []string
			for _, h := range got {
				ids = append(ids, h.ID)
			}
			slices.Sort(ids)
			if fmt.Sprint(ids) != want {
				t.Errorf("%s: %v, want %s", what, ids, want)
			}
		}
	}
	activeOf := func(r *secret.Record) ([]hold.Hold, error) {
		found, err := s.ActiveHolds(ctx, r.ID)
		for _, h := range found {
			if h.Scope.Kind == hold.ScopeID && h.Scope.ID != r.ID.String() {
				t.Errorf("active: a hold of another secret: %+v", h)
			}
			if i := slices.IndexFunc(active, func(a hold.Hold) bool { return a.ID == h.ID }); fmt.Sprint(h) != fmt.Sprint(active[i]) {
				t.Errorf("active: %+v, want %+v", h, active[i])
			}
		}
		return slices.DeleteFunc(slices.Clone(found), func(h hold.Hold) bool { return !h.Scope.Covers(r.Target()) }), err
	}
	check("active", "[h0 h1 h2 h3 h4 h5]")(activeOf(one))
	check("active, of the other", "[h0 h2 h6]")(activeOf(other))
	check("that preserve", "[h1 h3 h5]")(s.PreservingHolds(ctx))
	check("past", "[h0 h1 h2 h3 h4 h5]")(s.PastHolds(ctx, one.Target(), Start.Add(-time.Hour)))
	check("past, since", "[h3 h4 h5]")(s.PastHolds(ctx, one.Target(), Start.Add(2*time.Minute)))
	check("past, of the other", "[h0 h2 h6]")(s.PastHolds(ctx, other.Target(), Start.Add(-time.Hour)))
	check("past, after all", "[]")(s.PastHolds(ctx, one.Target(), Start.Add(time.Hour)))
	must(t, store.Holds{Partitions: s}.Remove(ctx, "h5"))
	must(t, store.Holds{Partitions: s}.Remove(ctx, "h5"))
	check("active, after a removal", "[h0 h1 h2 h3 h4]")(activeOf(one))
}

func holdRows(t *testing.T, s Store) {
	ctx := t.Context()
	h := newHold("h1")
	if got, err := s.GetHold(ctx, store.PastHolds, h.ID); got != nil || err != nil {
		t.Errorf("get before: %v, %v", got, err)
	}
	must(t, s.InsertHold(ctx, store.PastHolds, h))
	other := h
	other.Reason = "another"
	if err := s.InsertHold(ctx, store.PastHolds, other); !errors.Is(err, secret.ErrExists) {
		t.Errorf("insert again: %v", err)
	}
	got, err := s.GetHold(ctx, store.PastHolds, h.ID)
	if err != nil || got == nil || fmt.Sprint(*got) != fmt.Sprint(h) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.GetHold(ctx, store.ActiveHolds(0), h.ID); got != nil || err != nil {
		t.Errorf("get from another partition: %v, %v", got, err)
	}
	must(t, s.DropHold(ctx, store.PastHolds, h.ID))
	holdPages(t, s)
}

// holdPages lists more holds than fit on a page, with another partition before them.
func holdPages(t *testing.T, s Store) {
	ctx := t.Context()
	var want []string
	var group errgroup.Group
	group.SetLimit(16)
	for i := range 1100 {
		h := newHold(fmt.Sprintf("h%04d", i))
		h.Until = h.Until.Add(time.Duration(i) * time.Second)
		want = append(want, h.ID)
		group.Go(func() error { return s.InsertHold(ctx, store.PastHolds, h) })
	}
	must(t, group.Wait())
	must(t, s.InsertHold(ctx, store.ActiveHolds(15), newHold("h1")))
	list := func(f hold.Filter, most int) (got []string, pages int) {
		for cursor := ""; ; {
			holds, next, err := s.ListHolds(ctx, store.PastHolds, f, cursor, most)
			must(t, err)
			if pages++; len(holds) > most {
				t.Errorf("a page of %d", len(holds))
			}
			for _, h := range holds {
				got = append(got, h.ID)
			}
			if cursor = next; cursor == "" {
				return got, pages
			}
		}
	}
	if got, pages := list(hold.Filter{}, 1000); !slices.Equal(got, want) || pages < 2 {
		t.Errorf("%d listed in %d pages, want %d", len(got), pages, len(want))
	}
	if got, pages := list(hold.Filter{}, 300); !slices.Equal(got, want) || pages < 4 {
		t.Errorf("%d listed in %d pages of 300, want %d", len(got), pages, len(want))
	}
	end := newHold("").Until
	for what, f := range map[string]hold.Filter{
		"ended": {EndsBy: end.Add(499*time.Second + time.Millisecond)}, "not ended": {EndsAfter: end.Add(499*time.Second + time.Millisecond)},
	} {
		part := want[:500]
		if what == "not ended" {
			part = want[500:]
		}
		if got, _ := list(f, 1000); !slices.Equal(got, part) {
			t.Errorf("%s: %d, want %d", what, len(got), len(part))
		}
	}
}

// holdsOfShards lists holds of which each shard has some.
func holdsOfShards(t *testing.T, s Store) {
	ctx := t.Context()
	var want []string
	var group errgroup.Group
	group.SetLimit(16)
	for i := range byte(130) {
		h := newHold(fmt.Sprintf("h%04d", i))
		want = append(want, h.ID)
		for _, shard := range []byte{i % 16, i * 7 % 16, 15} {
			if shard < 15 || i < 110 { // the last shard has more than a page, and not the end
				group.Go(func() error {
					if err := s.InsertHold(ctx, store.ActiveHolds(shard), h); !errors.Is(err, secret.ErrExists) {
						return err
					}
					return nil
				})
			}
		}
	}
	must(t, group.Wait())
	var got []string
	for cursor := ""; ; {
		holds, next, err := store.Holds{Partitions: s}.Active(ctx, hold.Filter{}, cursor, 50)
		must(t, err)
		if len(holds) > 50 {
			t.Errorf("a page of %d", len(holds))
		}
		for _, h := range holds {
			got = append(got, h.ID)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}

// readyForHolds leaves nothing behind, and does not mind what an interrupted call left.
func readyForHolds(t *testing.T, s Store) {
	for range 2 {
		must(t, store.Holds{Partitions: s}.Ready(t.Context()))
		if h, err := s.GetHold(t.Context(), "probe", "probe"); h != nil || err != nil {
			t.Errorf("left %+v, %v", h, err)
		}
		must(t, s.InsertHold(t.Context(), "probe", newHold("probe")))
	}
	s = &faulty{Store: s, plan: func(int) fault { return requestLost }}
	if err := (store.Holds{Partitions: s}).Ready(t.Context()); !errors.Is(err, errLost) {
		t.Errorf("without the store: %v", err)
	}
}

// heldShards looks a hold up by an ID of each shard.
func heldShards(t *testing.T, s Store) {
	ctx := t.Context()
	clock := testkit.NewClock(Start)
	q := operatorOf(s, clock.Now)
	shards := func() (n int) {
		for shard := range store.Shards {
			holds, err := s.ActiveHolds(ctx, header.ID{4: byte(shard << 4)})
			must(t, err)
			n += len(holds)
		}
		return n
	}
	request := quarantine.Request{Scope: hold.Scope{Kind: hold.ScopeAll}, Modes: []hold.Mode{hold.BlockRead}, Reason: "drill"}
	o, err := q.Quarantine(ctx, request, random(16))
	must(t, err)
	if n := shards(); n != store.Shards {
		t.Errorf("placed in %d shards", n)
	}
	_, err = q.Release(ctx, o.Hold.ID, "over")
	must(t, err)
	if n := shards(); n != 0 {
		t.Errorf("in %d shards after its release", n)
	}
	past, err := store.AllHolds(ctx, s, store.PastHolds, hold.Filter{})
	must(t, err)
	if len(past) != 1 || past[0].ReleaseReason != "over" {
		t.Errorf("past: %+v", past)
	}
}

// refusesWithoutHolds runs a service that cannot look up holds.
func refusesWithoutHolds(t *testing.T, s Store) {
	ctx := t.Context()
	clock := testkit.NewClock(Start)
	service, without := Service(s, clock.Now), Service(noHolds{s}, clock.Now)
	link := NewLink(Start.Add(time.Hour), 1, random(100))
	_, err := service.Create(ctx, link.Draft)
	must(t, err)
	_, createErr := without.Create(ctx, NewLink(Start.Add(time.Hour), 1, random(100)).Draft)
	_, statusErr := without.Status(ctx, link.ID, link.Proofs.Access)
	reading, readErr := link.read(ctx, without, random(16))
	for name, err := range map[string]error{"create": createErr, "status": statusErr, "read": readErr} {
		if !errors.Is(err, secret.ErrUnavailable) || len(reading.Envelope) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := link.read(ctx, service, random(16)); err != nil {
		t.Errorf("the refused read took the view: %v", err)
	}
}

// noHolds is a store that cannot look up holds.
type noHolds struct{ secret.Store }

func (noHolds) ActiveHolds(context.Context, header.ID) ([]hold.Hold, error) { return nil, errLost }
