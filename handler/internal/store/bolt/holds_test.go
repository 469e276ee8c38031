package bolt

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

const manyHolds = 17_000

// fillHolds adds many holds of other secrets to partitions, given in their order: out
// of order bbolt would take minutes.
func fillHolds(t *testing.T, e *Store, partitions ...string) {
	t.Helper()
	err := e.write(t.Context(), 0, func(tx *bbolt.Tx) error {
		holds := tx.Bucket(holdsBucket)
		for _, partition := range partitions {
			for i := range manyHolds {
				h := hold.Hold{
					ID: fmt.Sprintf("%032x", i), Scope: hold.Scope{Kind: hold.ScopeID, ID: fmt.Sprintf("%032d", i)}, Modes: []hold.Mode{hold.BlockRead},
					Until: storetest.Start.Add(24 * time.Hour), Reason: "drill", Source: hold.SourceAbuse, CreatedAt: storetest.Start,
				}
				data, err := store.EncodeHold(h)
				if err != nil {
					return err
				}
				if err := holds.Put([]byte(partition+"/"+h.ID), data); err != nil {
					return err
				}
			}
		}
		_, err := holds.NextSequence()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// allocated returns how many objects a call allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// The number of allocations stands for the work: a hold that is decoded needs some twenty.
func TestLookUpsDoNotPayForTheHoldsOfOthers(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "store.db"))
	fillHolds(t, e, store.ActiveHolds(0), store.PastHolds)
	r := storetest.Record(storetest.Start.Add(time.Hour), 0)
	for name, find := range map[string]func() ([]hold.Hold, error){
		"active": func() ([]hold.Hold, error) { return e.ActiveHolds(t.Context(), r.ID) },
		"past":   func() ([]hold.Hold, error) { return e.PastHolds(t.Context(), r.Target(), storetest.Start) },
	} {
		look := func() {
			if found, err := find(); err != nil || len(found) > 0 {
				t.Errorf("%s: found %d: %v", name, len(found), err)
			}
		}
		look()
		if n := allocated(look); n > 100 {
			t.Errorf("%s: a look-up allocates %d objects", name, n)
		}
		another := hold.Hold{ID: "another", Scope: hold.Scope{Kind: hold.ScopeID, ID: "another"}, Until: storetest.Start.Add(time.Hour)}
		for _, partition := range []string{store.ActiveHolds(0), store.PastHolds} {
			if err := e.InsertHold(t.Context(), partition, another); err != nil {
				t.Fatal(err)
			}
		}
		if n := allocated(look); n < manyHolds/10 || n > 8*manyHolds {
			t.Errorf("%s: the look-up after a change allocates %d objects", name, n)
		}
		for _, partition := range []string{store.ActiveHolds(0), store.PastHolds} {
			if err := e.DropHold(t.Context(), partition, "another"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestManyActiveHoldsAreListedAndPatrolled(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "store.db"))
	var shards []string
	for shard := range byte(store.Shards) {
		shards = append(shards, store.ActiveHolds(shard))
	}
	fillHolds(t, e, shards...)
	now := func() time.Time { return storetest.Start.Add(time.Hour) }
	q := &quarantine.Service{
		Store: store.Holds{Partitions: e}, Events: event.Discard{}, Now: now, Settled: now, Random: rand.Reader,
		Policy: quarantine.Policy{Retention: time.Hour},
	}
	if _, err := e.ActiveHolds(t.Context(), storetest.Record(storetest.Start, 0).ID); err != nil { // makes the index
		t.Fatal(err)
	}
	seen, pages := 0, 0
	for next := ""; ; {
		p, err := q.Holds(t.Context(), next)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Active {
			if p.Active[i].ID != fmt.Sprintf("%032x", seen+i) {
				t.Fatalf("hold %d is %s", seen+i, p.Active[i].ID)
			}
		}
		seen, pages = seen+len(p.Active), pages+1
		if next = p.Next; next == "" {
			break
		}
	}
	if seen != manyHolds || pages != manyHolds/quarantine.PageSize+1 {
		t.Errorf("%d holds in %d pages", seen, pages)
	}
	patrol := func() {
		if p, err := q.Patrol(t.Context()); err != nil || len(p.Expired) > 0 {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if n := allocated(patrol); n > manyHolds {
		t.Errorf("a patrol allocates %d objects", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Patrol(ctx); err == nil {
		t.Error("a patrol outlasts its context")
	}
}
