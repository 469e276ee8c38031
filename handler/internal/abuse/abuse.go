// Package abuse detects three patterns of abuse in calls: many addresses that open
// one secret, one address that asks for many unknown ids, and one address that tries
// wrong passphrases on many secrets.
//
// It counts distinct addresses or ids, not calls, so that retries and polling do not
// count. The response to the first pattern is to freeze that one secret, to the others a
// report.
//
// A [Detector] counts for its own process, in bounded memory: at most about 14 MiB
// for each pattern that is on. It keeps no ids and no addresses, only hashes of them
// with a key of the process. Under a flood, or if two hashes collide, it counts too
// few and freezes nothing.
package abuse

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// Outcome is the result of a call, as far as it matters here.
type Outcome int

// The outcomes of calls.
const (
	Unknown Outcome = iota // no such secret, or a wrong proof of access: 404
	Wrong                  // a valid proof of access with a wrong claim
	Other                  // any other call with a valid proof of access
)

// The kinds of signs: detected patterns. The response to the first is to freeze the
// call's secret, to the others a report.
const (
	KindAddresses = "addresses" // many addresses on one id
	KindUnknown   = "unknown"   // many unknown ids from one address
	KindWrong     = "wrong"     // wrong claims on many ids from one address
)

// Detector observes calls. Safe for concurrent use. Make one with [New].
type Detector struct {
	now  func() time.Time
	seed maphash.Seed

	mu                        sync.Mutex
	last                      time.Time
	at                        time.Duration // sum of the clock's steps forward
	addresses, unknown, wrong rule
}

// New returns a Detector that has observed nothing. now is the wall clock. A zero
// limit turns its pattern off.
func New(l Limits, now func() time.Time) *Detector {
	return &Detector{
		now: now, seed: maphash.MakeSeed(), last: now(),
		addresses: rule{limit: l.Addresses}, unknown: rule{limit: l.Unknown}, wrong: rule{limit: l.Wrong},
	}
}

// Sign is a detected pattern.
type Sign struct {
	Kind  string    // empty: none
	Since time.Time // when the oldest call that counted was observed, by the clock of now
}

// Observe counts a call and returns the sign that it completes. A sign about the same
// subject, an id or an address, is returned once in a window. client stands for all
// addresses of one client: the caller masks IPv6 addresses. Calls without a valid proof
// of access never complete the sign of [KindAddresses].
func (d *Detector) Observe(client netip.Addr, id header.ID, outcome Outcome) Sign {
	address := client.As16()
	c, i := maphash.Bytes(d.seed, address[:]), maphash.Bytes(d.seed, id[:])
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.time()
	if outcome == Unknown {
		return d.sign(KindUnknown, &d.unknown, d.unknown.observe(c, i, at), at)
	}
	var tries *tally
	if outcome == Wrong {
		tries = d.wrong.observe(c, i, at)
	}
	// If a call completes both signs, it returns the freeze; the next wrong try returns the report.
	if s := d.sign(KindAddresses, &d.addresses, d.addresses.observe(i, c, at), at); s.Kind != "" {
		return s
	}
	return d.sign(KindWrong, &d.wrong, tries, at)
}

func (d *Detector) sign(kind string, r *rule, t *tally, at time.Duration) Sign {
	if !r.report(t, at) {
		return Sign{}
	}
	return Sign{kind, d.last.Add(t.seen[0].at - at)}
}

// time adds up the clock's steps forward. Steps back would change the windows.
func (d *Detector) time() time.Duration {
	now := d.now()
	d.at += max(0, now.Sub(d.last))
	d.last = now
	return d.at
}

// maxSightings is the number of sightings at which a generation is full.
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
