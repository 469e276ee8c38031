package event

import (
	"sync"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// buffer has up to limit events that were published and not yet sent. A closed
// buffer accepts no more, but its events can still be taken. Safe for concurrent use.
type buffer struct {
	limit  int
	ready  chan struct{} // has an element when there may be events to take
	closed chan struct{}
	shut   sync.Once

	mu     sync.Mutex
	events []secret.Event
}

func newBuffer(limit int) *buffer {
	return &buffer{limit: limit, ready: make(chan struct{}, 1), closed: make(chan struct{})}
}

// put reports whether there was room.
func (b *buffer) put(e secret.Event) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.events) >= b.limit || b.isClosed() {
		return false
	}
	b.events = append(b.events, e)
	select {
	case b.ready <- struct{}{}:
	default:
	}
	return true
}

// take waits for events and returns up to most of them, the oldest first. It
// returns none when the buffer is closed and empty.
func (b *buffer) take(most int) []secret.Event {
	for {
		events, closed := b.next(most)
		if len(events) > 0 || closed {
			return events
		}
		select {
		case <-b.ready:
		case <-b.closed:
		}
	}
}

func (b *buffer) next(most int) ([]secret.Event, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(most, len(b.events))
	events := append([]secret.Event(nil), b.events[:n]...)
	b.events = append(b.events[:0], b.events[n:]...)
	return events, b.isClosed()
}

// close holds the lock, so that put adds nothing after close has returned.
func (b *buffer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shut.Do(func() { close(b.closed) })
}

func (b *buffer) isClosed() bool {
	select {
	case <-b.closed:
		return true
	default:
		return false
	}
}
