package table

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// counter counts the requests to the service and the bytes of its answers.
type counter struct{ requests, bytes atomic.Int64 }

func (c *counter) Do(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultClient.Do(req)
	if err == nil {
		c.requests.Add(1)
		res.Body = &counted{res.Body, c}
	}
	return res, err
}

type counted struct {
	io.ReadCloser
	c *counter
}

func (r *counted) Read(b []byte) (int, error) {
	n, err := r.ReadCloser.Read(b)
	r.c.bytes.Add(int64(n))
	return n, err
}

// openCounted opens tables without holds.
func openCounted(t *testing.T) (*Store, *counter) {
	t.Helper()
	c := &counter{}
	s, err := Open(t.Context(), storetest.Azurite(t), nil, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, partition := range []string{store.PastHolds, store.ActiveHolds(0)} {
		all, err := store.AllHolds(t.Context(), s, partition, hold.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range all {
			if err := s.DropHold(t.Context(), partition, h.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s, c
}

func holdOf(i int, id string) hold.Hold {
	return hold.Hold{
		ID: fmt.Sprintf("h%d", i), Scope: hold.Scope{Kind: hold.ScopeID, ID: id}, Modes: []hold.Mode{hold.BlockRead},
		Until: storetest.Start.Add(time.Hour), CreatedAt: storetest.Start,
	}
}

// A look-up transfers only the holds that may cover its secret.
func TestLookUpsDoNotPayForTheHoldsOfOthers(t *testing.T) {
	s, c := openCounted(t)
	r := storetest.Record(storetest.Start.Add(time.Hour), 0)
	r.ID[4] &= 0x0f // shard 0
	var group errgroup.Group
	group.SetLimit(16)
	for i := range 1500 {
		id := storetest.Record(storetest.Start, 0).ID.String()
		if i == 700 {
			id = r.ID.String()
		}
		for _, partition := range []string{store.PastHolds, store.ActiveHolds(0)} {
			group.Go(func() error { return s.InsertHold(context.WithoutCancel(t.Context()), partition, holdOf(i, id)) })
		}
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for name, find := range map[string]func() ([]hold.Hold, error){
		"active": func() ([]hold.Hold, error) { return s.ActiveHolds(t.Context(), r.ID) },
		"past":   func() ([]hold.Hold, error) { return s.PastHolds(t.Context(), r.Target(), storetest.Start) },
	} {
		c.requests.Store(0)
		c.bytes.Store(0)
		found, err := find()
		if err != nil || len(found) != 1 || c.requests.Load() > 2 || c.bytes.Load() > 4<<10 {
			t.Errorf("%s: found %d holds with %d requests and %d bytes: %v", name, len(found), c.requests.Load(), c.bytes.Load(), err)
		}
	}
}

// Holds of earlier versions have no properties to select them by.
func TestHoldsOfEarlierVersionsAreFound(t *testing.T) {
	s, _ := openCounted(t)
	r, other := storetest.Record(storetest.Start, 0), storetest.Record(storetest.Start, 0)
	r.ID[4] &= 0x0f // shard 0
	for i, h := range []hold.Hold{holdOf(0, r.ID.String()), holdOf(1, r.ID.String()), holdOf(2, other.ID.String()), holdOf(3, other.ID.String())} {
		for _, partition := range []string{store.PastHolds, store.ActiveHolds(0)} {
			insert := s.InsertHold
			if i%2 == 1 {
				insert = s.insertHoldOfEarlierVersion
			}
			if err := insert(t.Context(), partition, h); err != nil {
				t.Fatal(err)
			}
		}
	}
	ids := func(holds []hold.Hold, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, h := range holds {
			all = append(all, h.ID)
		}
		slices.Sort(all)
		return fmt.Sprint(all)
	}
	list := func(f hold.Filter) string { return ids(store.AllHolds(t.Context(), s, store.PastHolds, f)) }
	end := storetest.Start.Add(time.Hour)
	for _, c := range []struct{ name, got, want string }{
		{"active", ids(s.ActiveHolds(t.Context(), r.ID)), "[h0 h1]"},
		{"past", ids(s.PastHolds(t.Context(), r.Target(), storetest.Start)), "[h0 h1]"},
		{"past, later", ids(s.PastHolds(t.Context(), r.Target(), end)), "[]"},
		{"all", list(hold.Filter{}), "[h0 h1 h2 h3]"},
		{"ended", list(hold.Filter{EndsBy: end}), "[h0 h1 h2 h3]"},
		{"not ended", list(hold.Filter{EndsAfter: end}), "[]"},
		{"not ended before", list(hold.Filter{EndsAfter: end.Add(-time.Second)}), "[h0 h1 h2 h3]"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
}

func (t *Store) insertHoldOfEarlierVersion(ctx context.Context, partition string, h hold.Hold) error {
	value, err := store.EncodeHold(h)
	if err != nil {
		return err
	}
	return put(ctx, t.holds, &entity{Partition: partition, Row: h.ID, Value: string(value)})
}
