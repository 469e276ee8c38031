package main

import (
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/config"
)

// maxKeys is how many keys a generation holds. It bounds what strangers can fill.
const maxKeys = 1 << 14

// recent keeps a value for each key that was set of late: at least as long as age,
// unless more than maxKeys others were set meanwhile.
type recent[K comparable, V any] struct {
	age      time.Duration
	turned   time.Duration // when new became old
	old, new map[K]V
}

// get returns the value of a key, zero if there is none.
func (r *recent[K, V]) get(key K, now time.Duration) V {
	r.turn(now)
	if v, is := r.new[key]; is {
		return v
	}
	return r.old[key]
}

func (r *recent[K, V]) set(key K, value V, now time.Duration) {
	r.turn(now)
	r.new[key] = value
}

// turn begins a new generation when the present one is old or full.
func (r *recent[K, V]) turn(now time.Duration) {
	age := now - r.turned
	if r.new != nil && age < r.age && len(r.new) < maxKeys {
		return
	}
	if r.old = r.new; age >= 2*r.age {
		r.old = nil
	}
	r.new, r.turned = map[K]V{}, now
}

func (r *recent[K, V]) forget(key K) {
	delete(r.old, key)
	delete(r.new, key)
}

// limiter limits what each key may take: a burst at once, and on average as much as its
// debts decay. Everything costs time: a key that took something owes the cost, the debt
// shrinks as time passes, and no debt grows above the burst. Safe for concurrent use.
type limiter[K comparable] struct {
	burst  time.Duration // 0: nothing is limited
	steady func() time.Duration

	mu   sync.Mutex
	free recent[K, time.Duration] // when the key will owe nothing
}

func newLimiter[K comparable](burst time.Duration, steady func() time.Duration) *limiter[K] {
	return &limiter[K]{burst: burst, steady: steady, free: recent[K, time.Duration]{age: burst}}
}

// take charges a cost, at most the burst, and returns 0; or it charges nothing and
// returns after what time the key may take it.
func (l *limiter[K]) take(key K, cost time.Duration) (wait time.Duration) {
	if l.burst == 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.steady()
	free := max(l.free.get(key, now), now) + min(cost, l.burst)
	if wait = free - now - l.burst; wait > 0 {
		return wait
	}
	l.free.set(key, free, now)
	return 0
}

// give returns a cost that was taken. A key that owes nothing afterwards is forgotten.
func (l *limiter[K]) give(key K, cost time.Duration) {
	if l.burst == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.steady()
	free := l.free.get(key, now) - min(cost, l.burst)
	if l.free.forget(key); free > now {
		l.free.set(key, free, now)
	}
}

// knows reports whether the key took something of late that was not given back.
func (l *limiter[K]) knows(key K) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.free.get(key, l.steady()) > 0
}

// each returns the cost of one call at a rate.
func each(r config.Rate) time.Duration {
	if r.Calls == 0 {
		return 0
	}
	return r.Per / time.Duration(r.Calls)
}

// counter counts for each key that is used of late. Safe for concurrent use.
type counter[K comparable] struct {
	most   int
	steady func() time.Duration

	mu     sync.Mutex
	counts recent[K, int]
}

// newCounter returns a counter up to most, which forgets a key that was not counted for
// at least the given time.
func newCounter[K comparable](most int, age time.Duration, steady func() time.Duration) *counter[K] {
	return &counter[K]{most: most, steady: steady, counts: recent[K, int]{age: age}}
}

// full reports whether the key has reached the most.
func (c *counter[K]) full(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts.get(key, c.steady()) >= c.most
}

// add adds n to the key's count, and reports whether it is then at most the most. If
// not, nothing was added.
func (c *counter[K]) add(key K, n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.steady()
	count := c.counts.get(key, now) + n
	if count > c.most {
		return false
	}
	c.counts.set(key, count, now)
	return true
}
