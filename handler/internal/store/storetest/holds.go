package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// Quarantine returns a service that places holds in the store and releases them, and whose clock is now.
func Quarantine(s store.Partitions, now func() time.Time) *quarantine.Service {
	return &quarantine.Service{
		Store: store.Holds{Partitions: s}, Events: silent{}, Now: now, Settled: now, Random: rand.Reader,
		Policy: quarantine.Policy{Hold: 24 * time.Hour, HoldMax: 720 * time.Hour, Severity: "Medium"},
	}
}

// Send is told nothing that could be lost.
func (silent) Send(context.Context, ...secret.Event) error { return nil }

// holdOn is what an operator asks for who wants one secret held.
func holdOn(id secret.ID, modes ...hold.Mode) quarantine.Request {
	return quarantine.Request{Scope: hold.Scope{Kind: hold.ScopeID, ID: id.String()}, Modes: modes, Reason: "drill"}
}

func holdRows(t *testing.T, s Store) {
	ctx := t.Context()
	h := hold.Hold{ID: "h1", Scope: hold.Scope{Kind: hold.ScopeAll}, Modes: []hold.Mode{hold.Preserve},
		Until: Start.Add(time.Hour), Reason: "drill", CreatedAt: Start}
	if _, err := s.GetHold(ctx, store.PastHolds, h.ID); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("get before: %v", err)
	}
	must(t, s.InsertHold(ctx, store.PastHolds, h))
	other := h
	other.Reason = "another"
	if err := s.InsertHold(ctx, store.PastHolds, other); !errors.Is(err, secret.ErrExists) {
		t.Errorf("insert again: %v", err)
	}
	got, err := s.GetHold(ctx, store.PastHolds, h.ID)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(h) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.GetHold(ctx, store.ActiveHolds(0), h.ID); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("get from another partition: %v", err)
	}
	must(t, s.DropHold(ctx, store.PastHolds, h.ID))
	holdPages(t, s, h)
}

// holdPages lists more holds than a page has, with others before and behind them.
func holdPages(t *testing.T, s Store, h hold.Hold) {
	ctx := t.Context()
	var want []string
	for i := range 1100 {
		want = append(want, fmt.Sprintf("h%04d", i))
	}
	var group sync.WaitGroup
	for part := range slices.Chunk(want, 100) {
		group.Go(func() {
			for _, id := range part {
				h := h
				h.ID = id
				if err := s.InsertHold(ctx, store.PastHolds, h); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	must(t, s.InsertHold(ctx, store.ActiveHolds(15), h))
	var got []string
	pages := 0
	for cursor := ""; ; pages++ {
		holds, next, err := s.ListHolds(ctx, store.PastHolds, cursor)
		must(t, err)
		if len(holds) > 1000 {
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
	if !slices.Equal(got, want) || pages == 0 || len(past) != len(want) {
		t.Errorf("%d listed in %d pages, %d past, want %d", len(got), pages+1, len(past), len(want))
	}
}

// heldShards looks at a hold from an id of each shard.
func heldShards(t *testing.T, s Store) {
	ctx := t.Context()
	clock := &Clock{now: Start}
	q := Quarantine(s, clock.Now)
	standing := func() (n int) {
		for shard := range store.Shards {
			holds, err := s.ActiveHolds(ctx, secret.ID{4: byte(shard << 4)})
			must(t, err)
			n += len(holds)
		}
		return n
	}
	request := quarantine.Request{Scope: hold.Scope{Kind: hold.ScopeAll}, Modes: []hold.Mode{hold.BlockRead}, Reason: "drill"}
	o, err := q.Quarantine(ctx, request, random(16))
	must(t, err)
	if n := standing(); n != store.Shards {
		t.Errorf("stands in %d shards", n)
	}
	_, err = q.Release(ctx, o.Hold.ID, "over")
	must(t, err)
	if n := standing(); n != 0 {
		t.Errorf("stands in %d shards after its release", n)
	}
	past, err := s.PastHolds(ctx)
	must(t, err)
	if len(past) != 1 || past[0].ReleaseReason != "over" {
		t.Errorf("past: %+v", past)
	}
}

// blindRefuses runs a service that cannot look up holds.
func blindRefuses(t *testing.T, s Store) {
	ctx := t.Context()
	clock := &Clock{now: Start}
	service := Service(s, clock.Now)
	link := NewLink(Start.Add(time.Hour), 1, random(100))
	_, err := service.Create(ctx, link.Draft)
	must(t, err)
	noHolds := Service(blind{s}, clock.Now)
	_, createErr := noHolds.Create(ctx, NewLink(Start.Add(time.Hour), 1, random(100)).Draft)
	_, statusErr := noHolds.Status(ctx, link.ID, link.Proofs.Access)
	reading, readErr := link.read(ctx, noHolds, random(16))
	for name, err := range map[string]error{"create": createErr, "status": statusErr, "read": readErr} {
		if !errors.Is(err, secret.ErrUnavailable) || len(reading.Envelope) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := link.read(ctx, service, random(16)); err != nil {
		t.Errorf("the refused read has cost the view: %v", err)
	}
}

// blind is a store that cannot look up holds.
type blind struct{ secret.Store }

func (blind) ActiveHolds(context.Context, secret.ID) ([]hold.Hold, error) { return nil, errLost }
func (blind) PastHolds(context.Context) ([]hold.Hold, error)              { return nil, errLost }
