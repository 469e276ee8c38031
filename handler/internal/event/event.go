// Package event tells the outside what happened to secrets and holds: as
// CloudEvents 1.0 on a Service Bus topic, or to nobody but this process.
//
// Publish is best effort and never waits: events go through a bounded buffer
// that drops the newest when it is full, and counts what it drops. Send is for
// what must be known to be sent before a call returns. Both share one
// connection, which is thrown away at the first error and opened anew; an event
// keeps its id over all attempts, so that the topic's duplicate detection, or a
// subscriber, knows a second copy from a second event. No event carries more of
// an id than its first 8 characters.
package event

import (
	"context"
	"sync"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Memory keeps the last events in this process. It is the publisher of a
// server that stands alone. Safe for concurrent use.
type Memory struct {
	mu     sync.Mutex
	size   int
	oldest int
	events []secret.Event
}

// NewMemory returns a publisher that keeps the last size events, none when size is not positive.
func NewMemory(size int) *Memory { return &Memory{size: size} }

// Publish keeps the event, in the place of the oldest when there is no other.
func (m *Memory) Publish(e secret.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case len(m.events) < m.size:
		m.events = append(m.events, e)
	case m.size > 0:
		m.events[m.oldest] = e
		m.oldest = (m.oldest + 1) % m.size
	}
}

// Send publishes the events, and cannot fail.
func (m *Memory) Send(_ context.Context, events ...secret.Event) error {
	for _, e := range events {
		m.Publish(e)
	}
	return nil
}

// Events returns what is kept, the oldest first.
func (m *Memory) Events() []secret.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(append([]secret.Event{}, m.events[m.oldest:]...), m.events[:m.oldest]...)
}
