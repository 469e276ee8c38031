package secret_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// state returns the name of the secret's state in the diagram of docs/design.md.
func (w *fixture) state() string {
	r := w.stored()
	switch {
	case r == nil:
		return "[*]"
	case r.Cleared:
		return "Cleared"
	}
	got := w.receipt().State
	leased := slices.ContainsFunc(r.Leases, func(l secret.Lease) bool { return l.Acked.IsZero() && w.now.Before(l.End) })
	if got == secret.ReasonRead && leased {
		return "Delivered"
	}
	return strings.ToUpper(string(got[:1])) + string(got[1:])
}

// reach brings a new secret of two views into a state.
var reach = map[string]func(*fixture){
	"[*]":       func(w *fixture) { delete(w.rows, w.id) },
	"Live":      func(*fixture) {},
	"Frozen":    (*fixture).freeze,
	"Held":      func(w *fixture) { w.hold(time.Hour, hold.BlockRead) },
	"Delivered": func(w *fixture) { w.must(w.read(keyB)); w.must(w.ack(keyB)); w.must(w.read(keyA)) },
	"Read":      func(w *fixture) { w.must(w.read(keyB)); w.must(w.read(keyA)); w.pass(leaseTime) },
	"Revoked":   func(w *fixture) { w.hold(time.Hour, hold.Preserve); w.must(w.revoke()); w.release() },
	"Expired":   func(w *fixture) { w.pass(ttl) },
	"Cleared":   func(w *fixture) { w.must(w.revoke()) },
}

// edge is a transition: first prepares its first state, and do causes it.
type edge struct {
	first func(*fixture)
	do    func(*fixture)
}

var nothing = func(*fixture) {}

func preserve(w *fixture) { w.hold(w.now.AddDate(1, 0, 0).Sub(w.now), hold.Preserve) }

// edges are the transitions of the diagram, by their lines in it.
var edges = map[string]edge{
	"[*] --> Live: create":                              {nothing, func(w *fixture) { w.create(w.draft(2)) }},
	"Live --> Live: read, and views are left":           {nothing, func(w *fixture) { w.must(w.read(keyA)) }},
	"Live --> Live: wrong claim":                        {nothing, func(w *fixture) { w.guessOnce("x") }},
	"Live --> Delivered: read of the last view":         {func(w *fixture) { w.must(w.read(keyB)) }, func(w *fixture) { w.must(w.read(keyA)) }},
	"Live --> Frozen: last wrong claim":                 {nothing, (*fixture).freeze},
	"Live --> Frozen: uses from too many addresses":     {nothing, func(w *fixture) { w.freezeFor(w.now, true) }},
	"Live --> Held: quarantine":                         {nothing, reach["Held"]},
	"Live --> Cleared: revoke":                          {nothing, func(w *fixture) { w.must(w.revoke()) }},
	"Live --> Revoked: revoke under preserve":           {preserve, func(w *fixture) { w.must(w.revoke()) }},
	"Live --> Expired: expiry":                          {nothing, func(w *fixture) { w.pass(ttl) }},
	"Frozen --> Frozen: unlock beyond the last":         {func(w *fixture) { w.stored().Unlocks = secret.MaxUnlocks }, func(w *fixture) { w.wantAnswer(w.unlock("k"), "frozen") }},
	"Frozen --> Live: unlock":                           {nothing, func(w *fixture) { w.must(w.unlock("k")) }},
	"Frozen --> Frozen: repeat under a live lease":      {func(w *fixture) { w.must(w.read(keyA)) }, func(w *fixture) { w.must(w.read(keyA)) }},
	"Frozen --> Held: quarantine":                       {nothing, reach["Held"]},
	"Frozen --> Cleared: revoke by manage":              {nothing, func(w *fixture) { w.must(w.revoke()) }},
	"Frozen --> Expired: expiry":                        {nothing, func(w *fixture) { w.pass(ttl) }},
	"Held --> Live: release, or the hold's end":         {nothing, (*fixture).release},
	"Held --> Frozen: release of what was frozen":       {func(w *fixture) { w.freezeUnderHold() }, (*fixture).release},
	"Held --> Cleared: revoke":                          {nothing, func(w *fixture) { w.must(w.revoke()) }},
	"Held --> Expired: expiry":                          {func(w *fixture) { w.active[0].Until = w.now.Add(2 * ttl) }, func(w *fixture) { w.pass(ttl) }},
	"Delivered --> Delivered: repeat":                   {nothing, func(w *fixture) { w.must(w.read(keyA)) }},
	"Delivered --> Delivered: repeat, held and renewed": {reach["Held"], func(w *fixture) { w.wantAnswer(w.read(keyA), "held"); w.pass(time.Hour) }},
	"Delivered --> Cleared: ack":                        {nothing, func(w *fixture) { w.must(w.ack(keyA)) }},
	"Delivered --> Read: ack under preserve":            {preserve, func(w *fixture) { w.must(w.ack(keyA)) }},
	"Delivered --> Read: lapse":                         {nothing, func(w *fixture) { w.pass(leaseTime) }},
	"Delivered --> Cleared: revoke by manage":           {nothing, func(w *fixture) { w.must(w.revoke()) }},
	"Read --> Cleared: purge by reminder, or late ack": {func(w *fixture) { w.pass(5 * time.Minute) }, func(w *fixture) {
		w.purge()
		w.must(w.ack(keyA))
	}},
	"Revoked --> Cleared: purge by reminder": {nothing, func(w *fixture) { w.pass(5 * time.Minute); w.purge() }},
	"Expired --> Expired: repeat under a live lease": {func(w *fixture) { w.pass(-time.Second); w.must(w.read(keyA)); w.pass(time.Second) }, func(w *fixture) {
		w.must(w.read(keyA))
	}},
	"Expired --> Cleared: purge, first pass":         {nothing, func(w *fixture) { w.pass(time.Hour); w.purge() }},
	"Expired --> [*]: purge without retention":       {func(w *fixture) { w.with(func(d *secret.Deps) { d.Policy.ReceiptRetention = 0 }) }, func(w *fixture) { w.pass(time.Hour); w.purge() }},
	"Cleared --> Cleared: create again":              {nothing, func(w *fixture) { _, err := w.Create(w.Context(), w.draft(2)); w.must(err) }},
	"Cleared --> Cleared: revoke, or a refused read": {nothing, func(w *fixture) { w.must(w.revoke()); w.wantAnswer(w.read(keyA), "gone revoked") }},
	"Cleared --> [*]: purge, second pass":            {nothing, func(w *fixture) { w.pass(ttl + retention + time.Hour); w.purge() }},
}

func (w *fixture) freezeUnderHold() {
	active := w.active
	w.active = nil
	w.freeze()
	w.active = active
}

// TestEveryTransition makes each transition and checks the state in which it ends.
func TestEveryTransition(t *testing.T) {
	for line, e := range edges {
		t.Run(line, func(t *testing.T) {
			from, rest, _ := strings.Cut(line, " --> ")
			to, _, _ := strings.Cut(rest, ": ")
			w := fixtureWith(t, 2)
			if from == "Frozen" { // the lease of a repeat is older than the freeze
				e.first(w)
				reach[from](w)
			} else {
				reach[from](w)
				e.first(w)
			}
			if got := w.state(); got != from {
				t.Fatalf("begins in %s", got)
			}
			e.do(w)
			if got := w.state(); got != to {
				t.Errorf("ends in %s", got)
			}
		})
	}
}

// TestDiagramHasTheTransitionsThatAreTested compares the diagram of docs/design.md with the table above.
func TestDiagramHasTheTransitionsThatAreTested(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "design.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, diagram, _ := strings.Cut(string(text), "stateDiagram-v2")
	diagram, _, _ = strings.Cut(diagram, "```")
	drawn := regexp.MustCompile(`(?m)^ *(\S+ --> .+)$`).FindAllStringSubmatch(diagram, -1)
	var lines []string
	for _, d := range drawn {
		lines = append(lines, d[1])
	}
	slices.Sort(lines)
	tested := slices.Sorted(maps.Keys(edges))
	for _, l := range lines {
		if !slices.Contains(tested, l) {
			t.Errorf("drawn and not tested: %s", l)
		}
	}
	for _, l := range tested {
		if !slices.Contains(lines, l) {
			t.Errorf("tested and not drawn: %s", l)
		}
	}
}
