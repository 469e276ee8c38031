package simulation

import (
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
	hashes                               = secret.Hashes{Access: sha256.Sum256(rightAccess), Claim: sha256.Sum256(rightClaim), Manage: sha256.Sum256(rightManage)}
)

// world is everything that one schedule plays in.
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

// call is one request as a process carries it out.
type call struct {
	number  int
	verb    string
	name    string
	client  *client
	claim   []byte
	outside bool // without access
	spared  bool // nothing goes wrong in it
	crashed atomic.Bool
	outcome chan outcome

	abandoned bool // the client waits no more
	begun     moment
	at        time.Time
	unopened  moment // when the vault or the mark failed it
	unplanned bool   // anything else failed it
}

// outcome is what a client gets: an answer, or nothing.
type outcome struct {
	value any
	err   error
	lost  bool
}

// client is somebody outside who sends requests, one after the other.
type client struct {
	name    string
	w       *world
	skew    time.Duration // of the clock of the process that serves it
	outside bool          // has no access
	spared  bool          // nothing goes wrong in its requests
	stalls  bool          // its process stands still after a mark
	script  func(*client)
	number  int
	calls   int
	asked   time.Time // when its last request began
	refused *call     // the last that was told that its lease, if it has one, was renewed
	rests   time.Time // until then it has no need to ask again

	key       []byte // of a reader
	persists  bool   // keeps asking within its lease
	unlocked  bool   // somebody was about to unlock the secret when it asked
	delivered bool
	finished  bool
}

func (w *world) fail(format string, args ...any) {
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
}

// service builds an instance of the real thing for one call.
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

// send carries a request out in a process of its own and waits for what comes back.
func (c *client) send(verb string, claim []byte, op func(*secret.Service) (any, error)) outcome {
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
		value, err := op(c.w.service(k))
		lost := c.w.stop(background, k, fmt.Sprintf("reply(%v)", err), replies, func() { c.w.checkAnswer(k, value, err) })
		k.outcome <- outcome{value, err, lost != nil}
	}()
	out := <-k.outcome
	c.heeds(k, out)
	return out
}

// abandon tells the client that nothing will come.
func (k *call) abandon() {
	if !k.abandoned {
		k.abandoned = true
		k.outcome <- outcome{lost: true}
	}
}

// pause waits until the world has moved on: no point in asking again at once.
func (c *client) pause() {
	k := &call{number: 100 * c.number, name: c.name, spared: true, outcome: make(chan outcome, 2)}
	_ = c.w.stop(background, k, "pause", waits, func() {})
}

func newWorld(views int) *world {
	w := &world{views: views, history: newHistory()}
	w.marks, w.water = map[secret.Reminder]bool{}, map[string]header.Slot{}
	return w
}

// draft returns the one secret of the world.
func (w *world) draft(at time.Time) secret.Draft {
	h := header.Header{Views: w.views, Expires: at.Add(ttl).Truncate(time.Second).UTC()}
	binary.BigEndian.PutUint32(h.ID[:], uint32(header.SlotOf(h.Expires)))
	head := h.Bytes()
	copy(w.plaintext[:], head[:])
	d, err := secret.NewDraft(w.plaintext[:], hashes)
	if err != nil {
		panic(err)
	}
	return d
}

// stored puts the secret in place, as a create that went well would have.
func (w *world) stored(d secret.Draft) {
	h := d.Header()
	w.row = &secret.Record{
		ID: h.ID, Header: h.Bytes(), Access: hashes.Access, Claim: hashes.Claim, Manage: hashes.Manage, Created: time.Now().UTC(),
		Expires: h.Expires, Views: h.Views, Sealed: secret.Sealed{Envelope: w.plaintext[:]}, Version: "0",
	}
}
