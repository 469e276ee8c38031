package secret

import (
	"sync"
	"time"
)

// SettledClock is the clock that deletion believes: the wall clock, save that a
// step forward counts only after it has stood for two hours by the machine's
// steady clock. A step back counts at once. So a clock that runs ahead for a
// while makes secrets unreadable for that while, and deletes none of them.
// Safe for concurrent use.
type SettledClock struct {
	wall   func() time.Time
	steady func() time.Duration

	mu      sync.Mutex
	offset  time.Time     // the wall clock's believed reading at steady zero
	pending time.Duration // steady time at which a step forward was first seen; 0 for none
	ahead   time.Time     // the least that the wall clock has been ahead since then, as an offset
}

const (
	stepBelieved = 2 * time.Hour
	stepIgnored  = 2 * time.Second // drift and slewing, not a step
)

// NewSettledClock takes a wall clock and a steady one, which counts from any
// start and never steps.
func NewSettledClock(wall func() time.Time, steady func() time.Duration) *SettledClock {
	return &SettledClock{wall: wall, steady: steady, offset: wall().Add(-steady())}
}

// Now returns the time, never ahead of the wall clock.
func (c *SettledClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	steady := c.steady()
	offset := c.wall().Add(-steady)
	step := offset.Round(0).Sub(c.offset.Round(0))
	switch {
	case step <= stepIgnored:
		c.offset, c.pending = offset, 0
	case c.pending == 0:
		c.pending, c.ahead = steady, offset
	default:
		c.stand(steady, offset)
	}
	return c.offset.Add(steady).Round(0)
}

// stand believes a pending step, once it is old enough, as far as it has stood all the time.
func (c *SettledClock) stand(steady time.Duration, offset time.Time) {
	if offset.Before(c.ahead) {
		c.ahead = offset
	}
	if steady-c.pending >= stepBelieved {
		c.offset, c.pending = c.ahead, 0
	}
}
