package interleaving

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// operation is an operation on the store that waits for its turn.
type operation struct {
	call *call
	name string
	turn chan struct{} // closed when it may begin
	done chan struct{} // closed when it has ended
}

// call is one of the two calls of a run.
type call struct {
	number   int
	s        *schedule
	begun    int // reads of the envelope minus reminders; a read that takes a view makes them in parallel
	finished bool
	answer   string

	key           []byte // of a reader
	takes         bool   // it takes a view, as far as the row shows
	got, reminded bool   // it has made these operations
}

// pairs returns 1 if the operation is made for the first time, by a call that takes a
// view. Each is made once, unless the row is replaced or time passes.
func (c *call) pairs(made *bool) int {
	if *made || !c.takes {
		return 0
	}
	*made = true
	return 1
}

// schedule lets one operation happen at a time.
type schedule struct {
	mu      sync.Mutex
	changed sync.Cond
	calls   []*call
	waiting []*operation
	failed  error // an error that no order explains: the store is overloaded, and the run does not count
}

func newSchedule() *schedule {
	s := &schedule{}
	s.changed.L = &s.mu
	return s
}

// run starts a call, whose operations drive carries out.
func (s *schedule) run(do func(*call) string) *call {
	c := &call{number: len(s.calls), s: s}
	s.calls = append(s.calls, c)
	go func() {
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			c.finished = true
			s.changed.Broadcast()
		}()
		c.answer = do(c)
	}()
	return c
}

// wait blocks until the operation may begin, and adds pairs to begun. The caller calls end when the operation has ended.
func (c *call) wait(name string, pairs int) (end func()) {
	o := &operation{c, name, make(chan struct{}), make(chan struct{})}
	c.s.mu.Lock()
	c.begun += pairs
	c.s.waiting = append(c.s.waiting, o)
	c.s.changed.Broadcast()
	c.s.mu.Unlock()
	<-o.turn
	return func() { close(o.done) }
}

// note records an error that is not about the row.
func (c *call) note(err error) error {
	if err != nil && !errors.Is(err, secret.ErrNotFound) && !errors.Is(err, secret.ErrStale) {
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		c.s.failed = err
	}
	return err
}

// quiet reports whether every call is over or waits with all operations that it makes in parallel.
func (s *schedule) quiet() bool {
	return !slices.ContainsFunc(s.calls, func(c *call) bool {
		waits := slices.ContainsFunc(s.waiting, func(o *operation) bool { return o.call == c })
		return !c.finished && (!waits || c.begun != 0)
	})
}

// next returns the operations that can happen next, in an order that depends only on the schedule.
func (s *schedule) next() []*operation {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.quiet() {
		s.changed.Wait()
	}
	slices.SortFunc(s.waiting, func(a, b *operation) int {
		return cmp.Or(a.call.number-b.call.number, cmp.Compare(a.name, b.name))
	})
	return slices.Clone(s.waiting)
}

// drive carries the operations out in the order that pick chooses, and returns it.
func (s *schedule) drive(pick func(n int) int) (order []string) {
	for all := s.next(); len(all) > 0; all = s.next() {
		o := all[pick(len(all))]
		order = append(order, string(rune('a'+o.call.number))+"."+o.name)
		s.mu.Lock()
		s.waiting = slices.DeleteFunc(s.waiting, func(p *operation) bool { return p == o })
		s.mu.Unlock()
		close(o.turn)
		<-o.done
	}
	return order
}

// every goes through all orders, depth first. Each run repeats a prefix of choices and
// then takes the first option. A run that does not count is repeated.
type every struct{ path, sizes []int }

func (e *every) run(one func(pick func(int) int) (valid bool)) {
	for {
		known := len(e.path)
		if !one(e.picker()) {
			e.path, e.sizes = e.path[:known], e.sizes[:known]
			continue
		}
		for len(e.path) > 0 {
			last := len(e.path) - 1
			if e.path[last]++; e.path[last] < e.sizes[last] {
				break
			}
			e.path, e.sizes = e.path[:last], e.sizes[:last]
		}
		if len(e.path) == 0 {
			return
		}
	}
}

func (e *every) picker() func(n int) int {
	at := 0
	return func(n int) int {
		if at == len(e.path) {
			e.path, e.sizes = append(e.path, 0), append(e.sizes, n)
		}
		at++
		return min(e.path[at-1], n-1) // fewer only in a run that does not count
	}
}
