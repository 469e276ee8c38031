package interleaving

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

// TestBoltInEveryOrder runs all pairs in all orders on the bbolt store.
func TestBoltInEveryOrder(t *testing.T) {
	s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), 0, owned.Private)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, p := range pairs {
		t.Run(p.title(), func(t *testing.T) { p.inEveryOrder(t, s) })
	}
}

// TestTableInEveryOrder runs them on a Table service.
func TestTableInEveryOrder(t *testing.T) {
	s, err := table.Open(t.Context(), storetest.Azurite(t), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pairs {
		t.Run(p.title(), func(t *testing.T) { p.inEveryOrder(t, s) })
	}
}

func (p *pair) title() string { return strings.ReplaceAll(p.name, " × ", "-and-") }

// inEveryOrder runs the pair in every order, and checks that every outcome of the table occurs.
func (p *pair) inEveryOrder(t *testing.T, s storetest.Store) {
	seen := map[string]int{}
	orders, void := 0, 0
	var e every
	e.run(func(pick func(int) int) bool {
		outcome, err := p.once(t, s, pick)
		if err != nil {
			if void++; void == 10 {
				t.Fatalf("the store keeps failing: %v", err)
			}
			return false
		}
		seen[outcome]++
		orders++
		return true
	})
	t.Logf("%d orders: %v", orders, seen)
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, slices.Sorted(slices.Values(p.outcomes))) {
		t.Errorf("outcomes are %s", strings.Join(got, " or "))
	}
}

// once runs the pair in one order. After an error the run does not count.
func (p *pair) once(t *testing.T, s storetest.Store, pick func(int) int) (outcome string, err error) {
	w := newFixture(t, s)
	w.held = strings.Contains(p.name, "hold")
	defer w.end()
	given[p.given](w)
	sch := newSchedule()
	a := sch.run(func(c *call) string { return p.a(w, c) })
	b := sch.run(func(c *call) string { return p.b(w, c) })
	order := sch.drive(pick)
	if sch.failed != nil {
		return "", sch.failed
	}
	outcome = a.answer + ", " + b.answer + "; " + w.ends()
	if !slices.Contains(p.outcomes, outcome) {
		t.Errorf("%s\nin the order %s", outcome, strings.Join(order, " "))
	}
	return outcome, nil
}
