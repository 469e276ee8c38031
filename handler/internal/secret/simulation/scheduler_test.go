package simulation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"
)

var errLost = errors.New("no answer")

// landing is how long after it was sent a write may take effect, unless its context ends sooner.
const landing = 60 * time.Second

// verdict is what the scheduler decides on a step.
type verdict int

const (
	answered verdict = iota
	lost
	dead
)

// effect is what a step does to the world. It decides which faults are possible.
type effect int

const (
	reads effect = iota
	writes
	replies
	looks // at the clock
	waits
)

// step is a call to a dependency that waits for the scheduler.
type step struct {
	call    *call
	name    string
	effect  effect
	apply   func()
	until   time.Time // when a write can land at the latest
	verdict chan verdict
	round   int // in which it began to wait for the world, so that the first comes first
}

// lateWrite is a write that its sender has given up and that will still take effect.
type lateWrite struct {
	call  *call
	name  string
	until time.Time
	apply func()
}

// moment counts events, which orders them without a clock.
type moment int64

// scheduler lets one step happen at a time.
type scheduler struct {
	mu      sync.Mutex
	waiting []*step
	round   int
	late    []lateWrite
	current *call
	moments atomic.Int64
}

// stop blocks the calling goroutine until the scheduler has decided on its step.
func (s *scheduler) stop(ctx context.Context, c *call, name string, e effect, apply func()) error {
	if c.crashed.Load() {
		runtime.Goexit()
	}
	p := &step{call: c, name: name, effect: e, apply: apply, verdict: make(chan verdict)}
	p.until = time.Now().Add(landing)
	if deadline, ok := ctx.Deadline(); ok {
		p.until = deadline
	} else if name == "insert" {
		p.until = time.Time{} // nothing bounds it
	}
	s.mu.Lock()
	if e == waits {
		p.round = s.round
	}
	s.waiting = append(s.waiting, p)
	s.mu.Unlock()
	switch <-p.verdict {
	case dead:
		runtime.Goexit()
	case lost:
		return errLost
	}
	return nil
}

// option is one thing that can happen next.
type option struct {
	name string
	cost cost
	do   func()
}

// cost is the budget that a deviation is taken from.
type cost int

const (
	free  cost = iota
	turn       // another call goes first, or the world moves
	fault      // something breaks
)

// steps returns the steps that wait, in an order that depends only on the schedule.
func (s *scheduler) steps() []*step {
	synctest.Wait()
	s.round++
	slices.SortFunc(s.waiting, func(a, b *step) int {
		return cmp.Or(s.rank(a)-s.rank(b), a.round-b.round, a.call.number-b.call.number, cmp.Compare(a.name, b.name))
	})
	return slices.Clone(s.waiting)
}

// rank orders steps: the call that ran last first, calls that wait for the world last.
func (s *scheduler) rank(p *step) int {
	switch {
	case p.effect == waits:
		return 2
	case p.call == s.current:
		return 0
	}
	return 1
}

// options returns what can happen next. The first is the straight path.
func (s *scheduler) options(steps []*step) []option {
	var all []option
	for i, p := range steps {
		c := turn
		if i == 0 || s.rank(steps[0]) > 0 && s.rank(p) < 2 {
			c = free
		}
		all = append(all, option{p.title(), c, func() { s.happen(p) }})
	}
	for _, p := range steps {
		all = append(all, s.faults(p)...)
	}
	for i, l := range s.late {
		all = append(all, option{"land " + l.name, turn, func() { s.land(i) }})
	}
	return all
}

func (p *step) title() string { return fmt.Sprintf("%s.%s", p.call.name, p.name) }

func (s *scheduler) faults(p *step) []option {
	if p.effect == waits || p.effect == looks || p.call.spared {
		return nil
	}
	all := []option{{"lose " + p.title(), fault, func() { s.note(p); s.settle(p, lost) }}}
	if p.effect == writes {
		all = append(all,
			option{"lose answer of " + p.title(), fault, func() { p.apply(); s.note(p); s.settle(p, lost) }},
			option{"delay " + p.title(), fault, func() {
				s.note(p)
				s.late = append(s.late, lateWrite{p.call, p.title(), p.until, p.apply})
				s.settle(p, lost)
			}})
	}
	if p.effect != replies {
		all = append(all, option{"crash " + p.title(), fault, func() { s.crash(p.call) }})
		if !p.call.abandoned {
			all = append(all, option{"give up on " + p.title(), fault, p.call.abandon})
		}
	}
	return all
}

func (s *scheduler) happen(p *step) {
	p.apply()
	s.settle(p, answered)
}

func (s *scheduler) settle(p *step, v verdict) {
	s.current = p.call
	s.mu.Lock() // steps that were decided just before may have reached their next
	s.waiting = slices.DeleteFunc(s.waiting, func(q *step) bool { return q == p })
	s.mu.Unlock()
	p.verdict <- v
}

// note records what failed in a call, because its answer may depend on it.
func (s *scheduler) note(p *step) {
	if slices.Contains([]string{"load", "get", "open", "add reminder"}, p.name) {
		p.call.unopened = moment(s.moments.Add(1))
	} else {
		p.call.unplanned = true
	}
}

func (s *scheduler) land(i int) {
	l := s.late[i]
	s.late = slices.Delete(s.late, i, i+1)
	l.apply()
}

// crash ends the process of the call. None of its steps happen any more.
func (s *scheduler) crash(c *call) {
	c.crashed.Store(true)
	for _, p := range s.steps() {
		if p.call == c {
			s.settle(p, dead)
		}
	}
	synctest.Wait()
	c.abandon()
}

// pass lets time pass. Late writes that are due in it take effect.
func (s *scheduler) pass(d time.Duration) {
	end := time.Now().Add(d)
	for _, p := range s.steps() {
		if p.effect == writes && !p.until.IsZero() && p.until.Before(end) {
			s.note(p)
			s.settle(p, lost)
		}
	}
	for i := 0; i < len(s.late); {
		if l := s.late[i]; !l.until.IsZero() && l.until.Before(end) {
			time.Sleep(max(0, time.Until(l.until)))
			s.land(i)
			continue
		}
		i++
	}
	time.Sleep(max(0, time.Until(end)))
}
