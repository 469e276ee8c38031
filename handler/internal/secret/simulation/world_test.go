package simulation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	ttl       = 2 * time.Hour
	retention = 2 * time.Hour
	triesMax  = 2
	leaseTime = 120 * time.Second
)

var (
	rightAccess, rightClaim, rightManage = []byte("access"), []byte("claim"), []byte("manage")
	accessHash, claimHash, manageHash    = secret.Hash(sha256.Sum256(rightAccess)), secret.Hash(sha256.Sum256(rightClaim)), secret.Hash(sha256.Sum256(rightManage))
)

// world is everything that one schedule runs in.
type world struct {
	scheduler
	state

	views     int
	plaintext [92 + 256 + 16]byte // the envelope; nothing seals it here
	clients   []*client
	failures  []string
	ended     atomic.Bool
	history
}

// call is one request in a process.
type call struct {
	number  int
	verb    string
	name    string
	client  *client
	claim   []byte
	outside bool // without access
	spared  bool // no faults happen to it
	crashed atomic.Bool
	outcome chan outcome

	abandoned bool // the client has stopped waiting
	begun     moment
	at        time.Time
	unopened  moment // when the vault or the reminder failed
	unplanned bool   // something else failed
	opened    int    // envelopes
}

// outcome is the result of a request: a value or an error, or no answer.
type outcome struct {
	value any
	err   error
	lost  bool
}

// session is the service of one call, and its caller.
type session struct {
	*secret.Service
	process
}

// client sends requests, one after the other.
type client struct {
	name    string
	w       *world
	skew    time.Duration // of the clock of the process that serves it
	outside bool          // has no access
	spared  bool          // no faults happen to its requests
	stalls  bool          // its process stands still after adding a reminder
	loads   bool          // its loads may be refused
	cached  bool          // its process has the data key, so that the vault cannot fail
	since   time.Time     // when the link was used that it reports
	manages bool          // shows the proof of the sender, not a claim
	script  func(*client)
	number  int
	calls   int
	asked   time.Time // when its last request began
	refused *call     // its last call whose error means that its lease, if any, was renewed
	rests   time.Time // until then it need not ask again

	key       []byte // of a reader
	persists  bool   // it keeps asking within its lease
	unlocked  bool   // when it asked, another client was going to unlock the secret
	delivered bool
	finished  bool
}

func (w *world) fail(format string, args ...any) {
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
}

// service returns the real service for one call.
func (w *world) service(c *call) *secret.Service {
	p := process{w, c}
	var skew time.Duration
	if c.client != nil {
		skew = c.client.skew
	}
	clock := func() time.Time { return time.Now().Add(skew).UTC() }
	return secret.New(secret.Deps{
		Store: p, Sealer: p, Publisher: p,
		Policy: secret.Policy{
			MinTTL: time.Minute, MaxTTL: 2 * ttl, MaxViews: 100, MaxEnvelope: 1 << 20,
			Tries: triesMax, ReceiptRetention: retention,
		},
		Now: clock, Settled: p.settled(clock), Pause: func(context.Context, int) {},
	})
}

// send sends a request to a process of its own and waits for the outcome.
func (c *client) send(verb string, claim []byte, op func(*session) (any, error)) outcome {
	if c.w.ended.Load() {
		runtime.Goexit()
	}
	c.calls++
	c.asked = time.Now()
	c.unlocked = slices.ContainsFunc(c.w.clients, func(d *client) bool { return d.name == "unlock" && !d.finished })
	k := &call{
		number: 100*c.number + c.calls, verb: verb, name: fmt.Sprintf("%s#%d", c.name, c.calls), client: c, claim: claim,
		outside: c.outside, spared: c.spared, outcome: make(chan outcome, 2), begun: moment(c.w.moments.Add(1)), at: c.asked,
	}
	go func() {
		value, err := op(&session{c.w.service(k), process{c.w, k}})
		lost := c.w.stop(background, k, fmt.Sprintf("reply(%v)", err), replies, func() { c.w.checkAnswer(k, value, err) })
		k.outcome <- outcome{value, err, lost != nil}
	}()
	out := <-k.outcome
	c.noteRenewal(k, out)
	return out
}

// abandon ends the client's wait without an answer.
func (k *call) abandon() {
	if !k.abandoned {
		k.abandoned = true
		k.outcome <- outcome{lost: true}
	}
}

// pause waits until something else has happened, because asking again at once is pointless.
func (c *client) pause() {
	k := &call{number: 100 * c.number, name: c.name, spared: true, outcome: make(chan outcome, 2)}
	_ = c.w.stop(background, k, "pause", waits, func() {})
}

func newWorld(views int) *world {
	w := &world{views: views, history: newHistory()}
	w.reminders, w.water = map[secret.Reminder]bool{}, map[string]header.Slot{}
	return w
}

// draft returns the one secret of the world.
func (w *world) draft(at time.Time) secret.Draft {
	h := header.Header{Views: w.views, Expires: at.Add(ttl).Truncate(time.Second).UTC()}
	binary.BigEndian.PutUint32(h.ID[:], uint32(header.SlotOf(h.Expires)))
	head := h.Bytes()
	copy(w.plaintext[:], head[:])
	d, err := secret.NewDraft(w.plaintext[:], accessHash, claimHash, manageHash)
	if err != nil {
		panic(err)
	}
	return d
}

// stored stores the secret as a successful create does.
func (w *world) stored(d secret.Draft) {
	h := d.Header()
	w.row = &secret.Record{
		ID: h.ID, Header: h.Bytes(), Access: accessHash, Claim: claimHash, Manage: manageHash, Created: time.Now().UTC(),
		Expires: h.Expires, Views: h.Views, Sealed: secret.Sealed{Envelope: bytes.Clone(w.plaintext[:])}, Version: "0",
		Digest: sha256.Sum256(w.plaintext[:]),
	}
}
