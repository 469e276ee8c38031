package interleaving

import (
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// actor is one side of a pair. It returns the answer to its caller.
type actor func(*fixture, *call) string

func reads(key string) actor {
	return func(w *fixture, c *call) string {
		c.key = []byte(key)
		return w.read(w.service(w.port(c)), key)
	}
}

func (w *fixture) read(s *secret.Service, key string) string {
	r, err := s.Read(w.Context(), w.id, secret.Proofs{Access: access, Claim: claim}, []byte(key), storetest.Admitted{})
	if err != nil {
		return answerOf(err)
	}
	if string(r.Envelope) != "envelope" {
		w.Errorf("read %q", r.Envelope)
	}
	return "bytes"
}

func acks(key string) actor {
	return func(w *fixture, c *call) string {
		return answerOf(w.service(w.port(c)).Ack(w.Context(), w.id, access, []byte(key)))
	}
}

func revokes(w *fixture, c *call) string {
	return answerOf(w.service(w.port(c)).Revoke(w.Context(), w.id, secret.Proofs{Manage: manage}, storetest.Admitted{}))
}

// freezes reports uses of the link from too many addresses, all at the start of the run.
func freezes(w *fixture, c *call) string {
	switch frozen, err := w.service(w.port(c)).Freeze(w.Context(), w.id, start); {
	case err != nil:
		return answerOf(err)
	case frozen:
		return "freezes"
	}
	return "leaves"
}

func unlocks(w *fixture, c *call) string {
	return answerOf(w.service(w.port(c)).Unlock(w.Context(), w.id, manage, []byte("u")))
}

func purges(w *fixture, c *call) string {
	deps := w.deps(w.port(c))
	deps.Settled = func() time.Time { defer c.wait("clock", 0)(); return w.clock.Now() }
	p, err := secret.New(deps).Purge(w.Context())
	if err != nil && c.note(err) != nil {
		return "purge failed"
	}
	return fmt.Sprintf("purges %d", p.Cleared+p.Deleted)
}

// holds places a hold on the secret, in the one shard that its calls read.
func holds(modes ...hold.Mode) actor {
	return func(w *fixture, c *call) string {
		defer c.wait("hold", 0)()
		w.hold = hold.Hold{
			ID: "drill", Scope: hold.Scope{Kind: hold.ScopeID, ID: w.id.String()}, Modes: modes, CreatedAt: w.clock.Now(), Until: start.AddDate(1, 0, 0),
		}
		_ = c.note(w.store.InsertHold(w.Context(), "active-0", w.hold))
		return "holds"
	}
}

func passes(name string, d time.Duration) actor {
	return func(w *fixture, c *call) string {
		defer c.wait(name, 0)()
		w.clock.Advance(d)
		return name
	}
}

// expires lets the secret expire; lapses lets a lease end that was just taken.
var (
	expires = passes("expires", ttl)
	lapses  = passes("lapses", leaseTime+time.Second)
)

// given are the states that runs begin in.
var given = map[string]func(*fixture){
	"unread":    func(*fixture) {},
	"delivered": func(w *fixture) { w.take() },
	"delivered, a minute to the expiry": func(w *fixture) {
		w.clock.Advance(ttl - time.Minute)
		w.take()
	},
	"lapsed": func(w *fixture) { w.take(); w.clock.Advance(6 * time.Minute) },
	"lapsed in a minute": func(w *fixture) {
		w.take()
		w.clock.Advance(leaseTime - time.Minute)
	},
	"expired": func(w *fixture) { w.clock.Advance(ttl + 20*time.Minute) },
	"unread, with the reminder of a read that never happened": func(w *fixture) {
		w.must(w.store.AddReminder(w.Context(), w.id, start))
		w.must(w.store.SetWatermark(w.Context(), "rows", header.SlotOf(start))) // a reminder may wait for the write that follows it
		w.clock.Advance(6 * time.Minute)
	},
}

// take takes the view as reader a.
func (w *fixture) take() {
	if got := w.read(w.service(w.store), "a"); got != "bytes" {
		w.Fatal(got)
	}
}
