package event

import "time"

// Hurry shortens the longest use of a connection, and the drain, before the first use.
func (s *ServiceBus) Hurry(attempt, drain time.Duration) { s.attempt, s.drain = attempt, drain }
