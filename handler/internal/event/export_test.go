package event

import "time"

// SetTimeouts sets the longest use of a connection, and the longest time to empty
// the buffer after Close, before the first use.
func (s *ServiceBus) SetTimeouts(attempt, drain time.Duration) { s.attempt, s.drain = attempt, drain }

// SetTimeout sets the longest time to settle an alert, and to close, before the first Drain.
func (q *Queue) SetTimeout(settle time.Duration) { q.settle = settle }
