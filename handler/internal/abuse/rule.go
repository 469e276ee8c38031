package abuse

import (
	"slices"
	"time"
)

// maxSightings is the maximum of sightings per generation.
const maxSightings = 1 << 16

// rule counts, for each subject, the distinct values seen with it in a sliding
// window. It has two generations of subjects. A subject that is seen moves to the
// newer one. The older one is dropped when the newer one is a window old, because
// then none of it counts, or is full, to make room. So a rule holds fewer than
// 2 * (maxSightings + 2 * MaxCount) sightings, and in a flood it counts too few,
// never too many.
type rule struct {
	limit    Limit
	started  time.Duration // of the newer generation
	size     int           // capacity of the newer generation, in sightings
	old, new map[uint64]*tally
}

// tally is the latest sightings of one subject in order of time, at most its limit.
type tally struct {
	seen  []sighting
	quiet time.Duration // no sign before this time
}

type sighting struct {
	value uint64
	at    time.Duration
}

// observe counts a value and returns the subject's tally, or nil if the rule is off.
func (r *rule) observe(subject, value uint64, at time.Duration) *tally {
	if r.limit.Count == 0 {
		return nil
	}
	t := r.tallyOf(subject, at)
	before := cap(t.seen)
	t.add(sighting{value, at}, r.limit)
	r.size += cap(t.seen) - before
	return t
}

func (r *rule) tallyOf(subject uint64, at time.Duration) *tally {
	if r.new == nil || r.size >= maxSightings || at-r.started >= r.limit.Per {
		r.old, r.new, r.size, r.started = r.new, map[uint64]*tally{}, 0, at
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

// add keeps a sighting. It removes an earlier one of the same value, and those
// outside of the window.
func (t *tally) add(s sighting, limit Limit) {
	if i := slices.IndexFunc(t.seen, func(k sighting) bool { return k.value == s.value }); i >= 0 {
		t.seen = slices.Delete(t.seen, i, i+1)
	}
	over := 0
	for over < len(t.seen) && s.at-t.seen[over].at >= limit.Per {
		over++
	}
	over = max(over, len(t.seen)+1-limit.Count)
	t.seen = append(slices.Delete(t.seen, 0, over), s)
}

// report reports whether a tally is a sign that was not yet reported in the window.
func (r *rule) report(t *tally, at time.Duration) bool {
	if t == nil || len(t.seen) < r.limit.Count || at < t.quiet {
		return false
	}
	t.quiet = at + r.limit.Per
	return true
}
