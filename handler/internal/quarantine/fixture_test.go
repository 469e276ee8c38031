package quarantine_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

const (
	subscription = "/subscriptions/5f0c7a52-1d3e-4c1b-9a57-2b8a40e5d101"
	group        = subscription + "/resourceGroups/rg-secrets"
	vault        = group + "/providers/Microsoft.KeyVault/vaults/kv-secrets-lab"
	account      = group + "/providers/Microsoft.Storage/storageAccounts/stsecretslab"
	app          = group + "/providers/Microsoft.Web/sites/func-secrets-lab"
	foreign      = "/subscriptions/aaaa0000-0000-4000-8000-00000000f001/resourceGroups/rg-else/providers/Microsoft.KeyVault/vaults/kv-else"
)

var (
	start = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	all   = hold.Scope{Kind: hold.ScopeAll}
)

// fixture is a service over a store and a bus in memory, with a clock that the test sets.
type fixture struct {
	*testing.T
	*quarantine.Service
	*memory
	bus *bus
	now time.Time
}

func newFixture(t *testing.T) *fixture {
	w := &fixture{T: t, memory: newMemory(), bus: &bus{}, now: start}
	clock := func() time.Time { return w.now }
	w.Service = &quarantine.Service{
		Store: store.Holds{Partitions: w.memory}, Events: w.bus, Now: clock, Settled: clock, Random: rand.Reader,
		Policy: quarantine.Policy{
			Hold: 24 * time.Hour, HoldMax: 720 * time.Hour, Retention: 8760 * time.Hour, Severity: "Medium", Resources: []string{vault, account, app},
		},
	}
	return w
}

func (w *fixture) pass(d time.Duration) { w.now = w.now.Add(d) }

func (w *fixture) must(o quarantine.Outcome, err error) quarantine.Outcome {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return o
}

// request returns a valid request.
func (w *fixture) request() quarantine.Request {
	return quarantine.Request{
		Scope: all, Modes: []hold.Mode{hold.BlockRead, hold.BlockCreate}, Until: w.now.Add(time.Hour), Reason: "drill",
	}
}

func (w *fixture) quarantine(key string) quarantine.Outcome {
	w.Helper()
	return w.must(w.Quarantine(w.Context(), w.request(), []byte(key)))
}

func (w *fixture) release(id string) quarantine.Outcome {
	w.Helper()
	return w.must(w.Release(w.Context(), id, "over"))
}

// copies returns how many copies of a hold there are, and whether it is archived.
func (w *fixture) copies(id string) (active int, past bool) {
	for shard := range byte(store.Shards) {
		if _, is := w.rows[store.ActiveHolds(shard)][id]; is {
			active++
		}
	}
	_, past = w.rows[store.PastHolds][id]
	return active, past
}

func (w *fixture) wantCopies(id string, active int, past bool) {
	w.Helper()
	if a, p := w.copies(id); a != active || p != past {
		w.Errorf("copies in %d shards, past %v; want %d, %v", a, p, active, past)
	}
}

// wantField checks the field of an error, "" for no error.
func wantField(t *testing.T, what string, err error, field string) {
	t.Helper()
	var invalid *secret.InvalidError
	switch {
	case err == nil && field == "":
	case errors.As(err, &invalid) && invalid.Field == field:
	default:
		t.Errorf("%s: %v, want the field %q", what, err, field)
	}
}

// memory implements store.Partitions. An error of before fails a call that then has
// no effect; one of after fails a call that has taken effect.
type memory struct {
	before func(operation, partition string) error
	after  func(operation, partition string) error
	page   int

	mu   sync.Mutex
	rows map[string]map[string]hold.Hold
}

func newMemory() *memory {
	quiet := func(string, string) error { return nil }
	return &memory{before: quiet, after: quiet, page: 1000, rows: map[string]map[string]hold.Hold{}}
}

func (m *memory) do(ctx context.Context, operation, partition string, f func(map[string]hold.Hold) error) error {
	if err := errors.Join(ctx.Err(), m.before(operation, partition)); err != nil {
		return err
	}
	m.mu.Lock()
	if m.rows[partition] == nil {
		m.rows[partition] = map[string]hold.Hold{}
	}
	err := f(m.rows[partition])
	m.mu.Unlock()
	if lost := m.after(operation, partition); lost != nil {
		return lost
	}
	return err
}

func (m *memory) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	return m.do(ctx, "insert", partition, func(rows map[string]hold.Hold) error {
		if _, is := rows[h.ID]; is {
			return secret.ErrExists
		}
		rows[h.ID] = h
		return nil
	})
}

func (m *memory) DropHold(ctx context.Context, partition, id string) error {
	return m.do(ctx, "drop", partition, func(rows map[string]hold.Hold) error { delete(rows, id); return nil })
}

func (m *memory) GetHold(ctx context.Context, partition, id string) (found *hold.Hold, err error) {
	err = m.do(ctx, "get", partition, func(rows map[string]hold.Hold) error {
		if h, is := rows[id]; is {
			found = &h
		}
		return nil
	})
	return found, err
}

func (m *memory) ListHolds(ctx context.Context, partition string, f hold.Filter, cursor string, most int) (holds []hold.Hold, next string, err error) {
	err = m.do(ctx, "list", partition, func(rows map[string]hold.Hold) error {
		for id, h := range rows {
			if id > cursor && f.Selects(&h) {
				holds = append(holds, h)
			}
		}
		slices.SortFunc(holds, func(a, b hold.Hold) int { return cmp.Compare(a.ID, b.ID) })
		if most = min(most, m.page); len(holds) > most {
			holds, next = holds[:most], holds[most-1].ID
		}
		return nil
	})
	return holds, next, err
}

// bus records events, or is down.
type bus struct {
	mu     sync.Mutex
	down   bool
	events []secret.Event
}

func (b *bus) Send(ctx context.Context, events ...secret.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, limited := ctx.Deadline(); !limited {
		return errors.New("the context has no deadline")
	}
	if b.down {
		return errors.New("no answer")
	}
	b.events = append(b.events, events...)
	return nil
}

func (b *bus) Publish(e secret.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

// published returns the types of the events, without repeated ones.
func (b *bus) published() (types []string) {
	seen := map[string]bool{}
	for _, e := range b.events {
		if e.ID == "" || !seen[e.ID] {
			types = append(types, e.Type)
		}
		seen[e.ID] = true
	}
	return types
}
