// Package abuse notices patterns in calls that are signs of abuse, by counting.
//
// Three patterns are known: many addresses that open one secret, one address that
// asks for many unknown ids, one address that tries wrong passphrases on many
// secrets. Distinct things are counted, not calls, so that a call that is sent
// again, or a page that polls, is no sign. The answer to the first is a hold on
// that one id, to the others a report; none is ever wider.
//
// A [Watch] counts for its own process, in bounded memory: about 14 MiB for each
// pattern that is on, when full. It keeps neither ids nor addresses, only their hashes
// under a key of the process. What it forgets too early, or confuses, makes it
// count too few; it errs on the side of no hold.
package abuse

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Outcome is what a call came to.
type Outcome int

// The outcomes of calls.
const (
	Unknown Outcome = iota // 404: no such secret, or no proof of access to it
	Wrong                  // access was proved, and the claim was wrong
	Other                  // access was proved
)

// Action is what to do about a sign.
type Action int

// What to do: nothing, hold the id of the call against reads, or report the kind.
const (
	None Action = iota
	HoldID
	Report
)

// The kinds of signs.
const (
	KindAddresses = "addresses" // many addresses on one id: HoldID
	KindUnknown   = "unknown"   // many unknown ids from one address: Report
	KindWrong     = "wrong"     // wrong claims on many ids from one address: Report
)

// Sign is what a call gave away, the zero Sign nothing. It names no id and no address.
type Sign struct {
	Action Action
	Kind   string
}

// Watch looks at calls. Safe for concurrent use; make one with [New].
type Watch struct {
	now  func() time.Time
	seed maphash.Seed

	mu                        sync.Mutex
	last                      time.Time
	at                        time.Duration // the watch's own time, which never steps back
	addresses, unknown, wrong rule
}

// New returns a Watch that has seen nothing. Limits that are zero give no signs.
func New(l Limits, now func() time.Time) *Watch {
	return &Watch{
		now: now, seed: maphash.MakeSeed(), last: now(),
		addresses: rule{limit: l.Addresses}, unknown: rule{limit: l.Unknown}, wrong: rule{limit: l.Wrong},
	}
}

// Saw counts a call and returns the sign that it completes, if any. The same sign
// about the same subject, an id or an address, comes once in a window. The client is a
// masked prefix, an IPv6 one of 64 bits; a call of an unknown client, the zero
// prefix, is not counted. Who has not proved access to an id cannot bring a hold on it.
func (w *Watch) Saw(client netip.Prefix, id secret.ID, outcome Outcome) Sign {
	if !client.IsValid() {
		return Sign{}
	}
	c, i := w.hashClient(client), maphash.Bytes(w.seed, id[:])
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.time()
	if outcome == Unknown {
		if w.unknown.tell(w.unknown.saw(c, i, at), at) {
			return Sign{Report, KindUnknown}
		}
		return Sign{}
	}
	var tries *tally
	if outcome == Wrong {
		tries = w.wrong.saw(c, i, at)
	}
	// A call that completes both signs gives the hold; the report comes with the next wrong try.
	if w.addresses.tell(w.addresses.saw(i, c, at), at) {
		return Sign{HoldID, KindAddresses}
	}
	if w.wrong.tell(tries, at) {
		return Sign{Report, KindWrong}
	}
	return Sign{}
}

func (w *Watch) hashClient(client netip.Prefix) uint64 {
	var b [17]byte
	addr := client.Addr().As16()
	copy(b[:], addr[:])
	b[16] = byte(client.Bits()) // #nosec G115 -- at most 128
	return maphash.Bytes(w.seed, b[:])
}

// time adds up the steps of the clock and leaves out those back, which would
// otherwise stretch or empty the windows.
func (w *Watch) time() time.Duration {
	now := w.now()
	w.at += max(0, now.Sub(w.last))
	w.last = now
	return w.at
}
