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
)

func newHold(id string) hold.Hold {
	return hold.Hold{
		ID: id, Scope: hold.Scope{Kind: hold.ScopePeriod, From: Start, To: Start.Add(time.Hour)},
		Modes: []hold.Mode{hold.BlockRead, hold.Preserve}, Until: Start.Add(time.Hour), Reason: "drill", CreatedAt: Start,
	}
}

func heldPartitions(t *testing.T, s Store) {
	ctx := t.Context()
	h, shard := newHold("h1"), store.ActiveHolds(0xa)
	must(t, s.InsertHold(ctx, shard, h))
	must(t, s.InsertHold(ctx, store.PastHolds, h))
	active, err := s.ActiveHolds(ctx, header.ID{4: 0xa7})
	must(t, err)
	if len(active) != 1 || fmt.Sprint(active[0]) != fmt.Sprint(h) {
		t.Fatalf("active: %+v", active)
	}
	if other, err := s.ActiveHolds(ctx, header.ID{4: 0xb7}); err != nil || len(other) > 0 {
		t.Errorf("another shard: %v, %v", other, err)
	}
	must(t, s.DropHold(ctx, shard, "h1"))
	must(t, s.DropHold(ctx, shard, "h1"))
	active, err = s.ActiveHolds(ctx, header.ID{4: 0xa7})
	must(t, err)
	past, err := s.PastHolds(ctx)
	must(t, err)
	if len(active) != 0 || len(past) != 1 {
		t.Errorf("active %v, past %v", active, past)
	}
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
		want = append(want, h.ID)
		group.Go(func() error { return s.InsertHold(ctx, store.PastHolds, h) })
	}
	must(t, group.Wait())
	must(t, s.InsertHold(ctx, store.ActiveHolds(15), newHold("h1")))
	var got []string
	pages := 0
	for cursor := ""; ; {
		holds, next, err := s.ListHolds(ctx, store.PastHolds, cursor)
		must(t, err)
		if pages++; len(holds) > 1000 {
			t.Errorf("a page of %d", len(holds))
		}
		for _, h := range holds {
			got = append(got, h.ID)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	past, err := s.PastHolds(ctx)
	must(t, err)
	if !slices.Equal(got, want) || pages < 2 || len(past) != len(want) {
		t.Errorf("%d listed in %d pages, %d past, want %d", len(got), pages, len(past), len(want))
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
	past, err := s.PastHolds(ctx)
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
func (noHolds) PastHolds(context.Context) ([]hold.Hold, error)              { return nil, errLost }
