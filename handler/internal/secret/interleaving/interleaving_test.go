package interleaving

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// TestEmbeddedInEveryOrder goes through all orders of all pairs.
func TestEmbeddedInEveryOrder(t *testing.T) {
	s, err := store.OpenEmbedded(filepath.Join(t.TempDir(), "store.db"), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, p := range pairs {
		t.Run(p.title(), func(t *testing.T) { p.inEveryOrder(t, s) })
	}
}

// TestTableInManyOrders draws from the orders, and with ROUNDS=long goes through all.
func TestTableInManyOrders(t *testing.T) {
	s, err := store.OpenTable(t.Context(), storetest.Azurite(t), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pairs {
		t.Run(p.title(), func(t *testing.T) {
			if os.Getenv("ROUNDS") == "long" {
				p.inEveryOrder(t, s)
				return
			}
			sample(8, func(pick func(int) int) { p.once(t, s, pick) })
		})
	}
}

func (p *pair) title() string { return strings.ReplaceAll(p.name, " × ", "-and-") }

// inEveryOrder also sees that each of the outcomes does come out of some order.
func (p *pair) inEveryOrder(t *testing.T, s storetest.Store) {
	seen := map[string]int{}
	n := 0
	var e every
	e.run(func(pick func(int) int) { seen[p.once(t, s, pick)]++; n++ })
	t.Logf("%d orders: %v", n, seen)
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, slices.Sorted(slices.Values(p.outcomes))) {
		t.Errorf("came out: %s", strings.Join(got, " or "))
	}
}

// once runs the pair in one order.
func (p *pair) once(t *testing.T, s storetest.Store, pick func(int) int) (outcome string) {
	w := newWorld(t, s)
	w.held = strings.Contains(p.name, "hold")
	defer w.end()
	given[p.given](w)
	sch := newSchedule()
	a := sch.run(func(c *call) string { return p.a(w, c) })
	b := sch.run(func(c *call) string { return p.b(w, c) })
	order := sch.drive(pick)
	outcome = a.answer + ", " + b.answer + "; " + w.ends()
	if !slices.Contains(p.outcomes, outcome) {
		t.Errorf("%s\nin the order %s", outcome, strings.Join(order, " "))
	}
	return outcome
}
