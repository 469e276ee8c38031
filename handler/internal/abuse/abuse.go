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

// Observe counts a call and returns the kind of the sign that it completes, or "". A sign about
// the same subject, an id or an address, is returned once in a window. client is a
// masked prefix, for IPv6 of 64 bits; calls with the zero prefix, an unknown client,
// do not count. Calls without a valid proof of access never cause a hold.
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
