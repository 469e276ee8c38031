package simulation

import "math/rand/v2"

// budget is how many deviations a schedule may still make.
type budget struct{ turns, faults int }

func (b *budget) affords(c cost) bool {
	return c == free || c == turn && b.turns > 0 || c == fault && b.faults > 0
}

func (b *budget) pay(c cost) {
	switch c {
	case turn:
		b.turns--
	case fault:
		b.faults--
	}
}

// chooser picks one of n options; 0 is the straight path.
type chooser interface{ pick(n int) int }

// exhaustive goes through all schedules, depth first: each run replays a
// prefix of choices and takes the straight path after it.
type exhaustive struct {
	path  []int // choices
	sizes []int // how many options there were
	at    int
}

func (e *exhaustive) pick(n int) int {
	if e.at == len(e.path) {
		e.path, e.sizes = append(e.path, 0), append(e.sizes, n)
	}
	e.sizes[e.at] = n
	e.at++
	return e.path[e.at-1]
}

// next moves on to the next schedule, false after the last.
func (e *exhaustive) next() bool {
	for e.at = 0; len(e.path) > 0; {
		last := len(e.path) - 1
		if e.path[last]++; e.path[last] < e.sizes[last] {
			return true
		}
		e.path, e.sizes = e.path[:last], e.sizes[:last]
	}
	return false
}

// seeded chooses at random. It mostly goes straight on, in some schedules more than in
// others, so that schedules with few deviations have them late as often as early.
type seeded struct {
	*rand.Rand
	straight float64 // probability of going straight on
}

func (r *seeded) next() { r.straight = []float64{0.6, 0.8, 0.9, 0.95}[r.IntN(4)] }

func (r *seeded) pick(n int) int {
	if n == 1 || r.Float64() < r.straight {
		return 0
	}
	return r.IntN(n)
}
