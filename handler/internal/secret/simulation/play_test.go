package simulation

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strconv"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// move is something that happens in the world, once.
type move struct {
	name  string
	ready func(*world) bool
	do    func(*world)
}

// passes lets time pass, unless a persistent reader would ask again before.
func passes(d time.Duration) move {
	ready := func(w *world) bool {
		return !slices.ContainsFunc(w.clients, func(c *client) bool { return c.persists && !c.finished && c.needs(d) })
	}
	return move{"pass " + d.String(), ready, func(w *world) { w.pass(d) }}
}

// needs reports whether the client, which keeps asking, would ask again before d has
// passed: it has not asked since time last passed, or its lease would end before a
// request that could have renewed it was answered. During a hold it rests only once
// no earlier request of its own can still take a view.
func (c *client) needs(d time.Duration) bool {
	if time.Now().Add(d).After(c.asked.Add(step50)) && (c.underWay() || !time.Now().Add(d).Before(c.rests)) {
		return true
	}
	key := sha256.Sum256(c.key)
	lease := slices.IndexFunc(c.w.leases(), func(l secret.Lease) bool { return l.Key == key && l.Acked.IsZero() })
	if lease < 0 || time.Now().Add(d).Before(c.w.leases()[lease].End) {
		return false
	}
	return c.refused == nil || c.refused.begun < c.w.taken[key] || !time.Now().Add(d).Before(c.rests)
}

// underWay reports whether a request of the client is in progress, or a write of one may still take effect.
func (c *client) underWay() bool {
	return slices.ContainsFunc(c.w.waiting, func(p *step) bool { return p.call.client == c && p.effect != waits }) ||
		slices.ContainsFunc(c.w.late, func(l lateWrite) bool { return l.call.client == c })
}

func (w *world) leases() []secret.Lease {
	if w.row == nil {
		return nil
	}
	return w.row.Leases
}

func always(*world) bool { return true }

// holds places a hold on everything.
func holds(d time.Duration, modes ...hold.Mode) move {
	return move{"place hold", always, func(w *world) {
		w.holds = append(w.holds, hold.Hold{
			ID: "hold", Scope: hold.Scope{Kind: hold.ScopeAll}, Modes: modes, Until: time.Now().Add(d), CreatedAt: time.Now(),
		})
		w.hold = moment(w.moments.Add(1))
	}}
}

var releases = move{"release hold", always, (*world).release}

func (w *world) release() { w.holds, w.hold = nil, 0 }

// replaces deletes the secret, of which nobody took a view, and creates another one with
// the same id, as its sender may do when the first has expired.
var replaces = move{"replace", func(w *world) bool { return w.row != nil && len(w.row.Leases) == 0 }, func(w *world) {
	w.version++
	w.plaintext[len(w.plaintext)-1]++
	w.row = clone(w.row)
	w.row.Version, w.row.Digest = strconv.Itoa(w.version), sha256.Sum256(w.plaintext[:])
	w.row.Sealed.Envelope = bytes.Clone(w.plaintext[:])
	w.replaced = true
}}

// unlocked makes the secret one that was unlocked so many times.
func unlocked(times int) move {
	return move{"unlock", always, func(w *world) { w.row.Unlocks = times }}
}

// inHold reports whether the call began after a hold with the mode was placed that is still active.
func (w *world) inHold(k *call, mode hold.Mode) bool {
	return w.hold != 0 && k.begun > w.hold && time.Now().Before(w.holds[0].Until) && slices.Contains(w.holds[0].Modes, mode)
}

// play runs the clients to their ends by the chooser's schedule.
func (w *world) play(ch chooser, b budget, moves []move) (trace []string) {
	for n := 0; ; n++ {
		w.expireHold()
		steps := w.steps()
		if len(steps) == 0 || n > 1000 || len(w.failures) > 0 {
			if n > 1000 {
				w.fail("the schedule does not end")
			}
			return trace
		}
		all := w.options(steps)
		if len(moves) > 0 && moves[0].ready(w) {
			m := moves[0]
			o := option{m.name, turn, func() { moves = moves[1:]; m.do(w) }}
			if steps[0].effect == waits { // nothing else can happen
				o.cost, all[0].cost = free, turn
				all = append([]option{o}, all...)
			} else {
				all = append(all, o)
			}
		} else if steps[0].effect == waits && w.hold != 0 {
			w.release()
			continue
		}
		o := choose(all, ch, &b)
		trace = append(trace, o.name)
		o.do()
	}
}

// choose picks one of the options that the budget allows.
func choose(all []option, ch chooser, b *budget) option {
	var can []option
	for _, o := range all {
		if b.affords(o.cost) {
			can = append(can, o)
		}
	}
	o := can[ch.pick(len(can))]
	b.pay(o.cost)
	return o
}

// expireHold ends a hold whose time has come.
func (w *world) expireHold() {
	if len(w.holds) > 0 && !time.Now().Before(w.holds[0].Until) {
		w.release()
	}
}

// straight takes the straight path.
type straight struct{}

func (straight) pick(int) int { return 0 }

// run starts a client.
func (w *world) run(c *client) {
	c.w = w
	go func() {
		defer func() { c.finished = true }()
		c.script(c)
	}()
}

// conclude lets late writes take effect and time pass, and checks at each stage what is left.
func (w *world) conclude() {
	w.release()
	w.landAll(func(l lateWrite) bool { return !l.until.IsZero() })
	w.checkReaders()
	for _, stage := range []struct {
		when string
		at   time.Duration
	}{{"after the last view", 20 * time.Minute}, {"after the expiry", ttl}, {"after the retention", retention + time.Hour}} {
		if len(w.failures) > 0 {
			return
		}
		w.pass(stage.at)
		w.run(&client{name: "purge", number: 99, spared: true, script: purges})
		w.play(straight{}, budget{}, nil)
		w.checkSpent(stage.when)
	}
	w.landAll(func(lateWrite) bool { return true })
	if w.row != nil || len(w.reminders) > 0 {
		w.fail("a row or a reminder is never deleted")
	}
}

func (w *world) landAll(which func(lateWrite) bool) {
	for i := len(w.late) - 1; i >= 0; i-- {
		if which(w.late[i]) {
			w.land(i)
		}
	}
}
