package simulation

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const day = 24 * time.Hour

var (
	schedules = flag.Int("schedules", 54_000, "how many schedules to search, over all scenarios")
	seed      = flag.Uint64("seed", 1, "seed of the random part")
)

// once plays one schedule of the scenario and returns what it broke.
func (sc *scenario) once(ch chooser, b budget) (failures, trace []string) {
	time.Sleep(time.Until(time.Now().Truncate(day).Add(day))) // so that every run has the same minutes and slots
	w := newWorld(sc.views)
	d := w.draft(time.Now())
	if !sc.creates {
		w.stored(d)
	}
	if sc.begins.do != nil {
		sc.begins.do(w)
	}
	w.clients = sc.clients(d)
	for i, c := range w.clients {
		c.number = i + 1
		w.run(c)
	}
	trace = w.play(ch, b, sc.moves)
	if len(w.failures) == 0 {
		w.conclude()
	}
	w.end()
	return w.failures, trace
}

// end stops the calls that a failed schedule left waiting.
func (w *world) end() {
	w.ended.Store(true)
	for steps := w.steps(); len(steps) > 0; steps = w.steps() {
		w.crash(steps[0].call)
	}
}

// TestEveryScheduleKeepsThePromises tries all schedules with few deviations, then random ones with many.
func TestEveryScheduleKeepsThePromises(t *testing.T) {
	for i := range scenarios {
		sc := &scenarios[i]
		t.Run(strings.ReplaceAll(sc.name, " ", "-"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := sc.search(t, *schedules/len(scenarios))
				t.Logf("%d schedules", n)
			})
		})
	}
}

// search tries up to half of the schedules exhaustively, with a bound as wide as fits, and the others at random.
func (sc *scenario) search(t *testing.T, most int) int {
	n := 0
	for _, b := range []budget{{0, 0}, {1, 0}, {0, 1}, {1, 1}, sc.budget} {
		e := &exhaustive{}
		for more := true; more && n < most/2; more = e.next() {
			sc.must(t, e, b)
			n++
		}
	}
	r := &seeded{Rand: rand.New(rand.NewPCG(*seed, 0))} // #nosec G404 -- a schedule, not a secret
	for ; n < most; n++ {
		r.next()
		sc.must(t, r, budget{6, 4})
	}
	return n
}

func (sc *scenario) must(t *testing.T, ch chooser, b budget) {
	t.Helper()
	if failures, trace := sc.once(ch, b); len(failures) > 0 {
		t.Fatalf("%s\nin the schedule\n  %s", strings.Join(failures, "\n"), strings.Join(trace, "\n  "))
	}
}
