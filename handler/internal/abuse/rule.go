package abuse

import (
	"slices"
	"time"
)

// most is for how many sightings a generation has room before it turns.
const most = 1 << 16

// rule counts, for each subject, the distinct things seen with it within a window
// that slides. A subject that is seen moves to the newer of two generations; the
// older is dropped once the newer is a window old, when nothing in it counts any
// more, or is full, when what was seen longest ago makes room. So a rule has room for
// less than 2 * (most + 2 * MaxCount) sightings, and a flood makes it count too few,
// never too many.
type rule struct {
	limit    Limit
	turned   time.Duration
	size     int // of the newer generation, in sightings that its tallies have room for
	old, new map[uint64]*tally
}

// tally is what was seen with one subject: at most the limit, the latest, in order.
type tally struct {
	seen  []sighting
	quiet time.Duration // no sign before this
}

type sighting struct {
	what uint64
	at   time.Duration
}

// saw counts, and returns the subject's tally: nil where the rule is off.
func (r *rule) saw(subject, what uint64, at time.Duration) *tally {
	if r.limit.Count == 0 {
		return nil
	}
	t := r.of(subject, at)
	before := cap(t.seen)
	t.add(sighting{what, at}, r.limit)
	r.size += cap(t.seen) - before
	return t
}

func (r *rule) of(subject uint64, at time.Duration) *tally {
	if r.new == nil || r.size >= most || at-r.turned >= r.limit.Per {
		r.old, r.new, r.size, r.turned = r.new, map[uint64]*tally{}, 0, at
	}
	t := r.new[subject]
	if t == nil {
		if t = r.old[subject]; t == nil {
			t = &tally{}
		}
		r.new[subject] = t
		r.size += cap(t.seen)
	}
	return t
}

// add keeps what was seen: a thing once, at its latest, and nothing older than the window.
func (t *tally) add(s sighting, limit Limit) {
	if i := slices.IndexFunc(t.seen, func(k sighting) bool { return k.what == s.what }); i >= 0 {
		t.seen = slices.Delete(t.seen, i, i+1)
	}
	over := 0
	for over < len(t.seen) && s.at-t.seen[over].at >= limit.Per {
		over++
	}
	over = max(over, len(t.seen)+1-limit.Count)
	t.seen = append(slices.Delete(t.seen, 0, over), s)
}

// tell reports whether a subject's tally is a sign that was not told within the window.
func (r *rule) tell(t *tally, at time.Duration) bool {
	if t == nil || len(t.seen) < r.limit.Count || at < t.quiet {
		return false
	}
	t.quiet = at + r.limit.Per
	return true
}
