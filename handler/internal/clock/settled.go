package clock

import (
	"sync"
	"time"
)

// Settled follows the wall clock, but a step forward counts only after it has
// lasted for two hours, measured by the machine's steady clock. A step back counts
// at once. So nothing is deleted early when the wall clock runs ahead for a while.
// Safe for concurrent use.
type Settled struct {
	wall   func() time.Time
	steady func() time.Duration

	mu      sync.Mutex
	offset  time.Time     // believed time of day when steady was zero
	pending time.Duration // steady time at which a step forward was first seen; 0 for none
	ahead   time.Time     // the smallest offset of the wall clock since then
}

const (
	believedAfter = 2 * time.Hour
	drift         = 2 * time.Second // smaller differences are drift or slewing, not a step
)

// NewSettled returns a clock that reads wall for the time of day, and steady for
// the time since any fixed moment; steady must never step.
func NewSettled(wall func() time.Time, steady func() time.Duration) *Settled {
	return &Settled{wall: wall, steady: steady, offset: wall().Add(-steady())}
}

// Now returns the settled time, which is never ahead of the wall clock. Steps are
// noticed only here, so it must be called more often than steps may happen.
func (c *Settled) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	steady := c.steady()
	offset := c.wall().Add(-steady)
	step := offset.Round(0).Sub(c.offset.Round(0))
	switch {
	case step <= drift:
		c.offset, c.pending = offset, 0
	case c.pending == 0:
		c.pending, c.ahead = steady, offset
	default:
		c.believe(steady, offset)
	}
	return c.offset.Add(steady).Round(0)
}

// believe accepts a pending step once it is old enough, by the smallest amount that
// the wall clock was ahead in the meantime.
func (c *Settled) believe(steady time.Duration, offset time.Time) {
	if offset.Before(c.ahead) {
		c.ahead = offset
	}
	if steady-c.pending >= believedAfter {
		c.offset, c.pending = c.ahead, 0
	}
}
