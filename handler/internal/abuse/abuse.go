// Package abuse detects three patterns of abuse in calls: many addresses that open
// one secret, one address that asks for many unknown ids, and one address that tries
// wrong passphrases on many secrets.
//
// It counts distinct addresses or ids, not calls, so that retries and polling do not
// count. The response to the first pattern is a hold on that one id, to the others a
// report.
//
// A [Detector] counts for its own process, in bounded memory: at most about 14 MiB
// for each pattern that is on. It keeps no ids and no addresses, only hashes of them
// with a key of the process. Under a flood, or if two hashes collide, it counts too
// few and places no hold.
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

// The kinds of signs: detected patterns. The response to the first is to block reads
// of the call's id, to the others a report.
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

// Observe counts a call and returns the kind of the sign that it completes, "" for
// none. A sign about the same subject, an id or an address, is returned once in a
// window. client is a masked prefix, for IPv6 of 64 bits; calls with the zero prefix,
// an unknown client, do not count. Calls without a valid proof of access never cause
// a hold.
func (d *Detector) Observe(client netip.Prefix, id header.ID, outcome Outcome) string {
	if !client.IsValid() {
		return ""
	}
	c, i := d.hashClient(client), maphash.Bytes(d.seed, id[:])
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.time()
	if outcome == Unknown {
		if d.unknown.report(d.unknown.observe(c, i, at), at) {
			return KindUnknown
		}
		return ""
	}
	var tries *tally
	if outcome == Wrong {
		tries = d.wrong.observe(c, i, at)
	}
	// If a call completes both signs, it returns the hold; the next wrong try returns the report.
	if d.addresses.report(d.addresses.observe(i, c, at), at) {
		return KindAddresses
	}
	if d.wrong.report(tries, at) {
		return KindWrong
	}
	return ""
}

func (d *Detector) hashClient(client netip.Prefix) uint64 {
	var b [17]byte
	addr := client.Addr().As16()
	copy(b[:], addr[:])
	b[16] = byte(client.Bits()) // #nosec G115 -- at most 128
	return maphash.Bytes(d.seed, b[:])
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
