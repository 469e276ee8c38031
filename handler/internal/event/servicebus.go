// Package event publishes what happened to secrets and holds, as CloudEvents 1.0 on
// a Service Bus topic ([ServiceBus]), and receives the alerts of Defender from a
// Service Bus queue ([Queue]). It is the only package that uses azservicebus.
//
// Publish is best effort and never waits: events go through a bounded buffer that
// drops the newest when it is full, and counts them. Send returns when its events
// are known to have arrived. Both share one connection, which is replaced after an
// error. An event keeps its id over all attempts, so that the topic's duplicate
// detection, or a subscriber, recognizes a copy. No event has more of an id than
// its first 8 characters.
package event

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	topic = "secret-events"

	bufferSize = 1024 // events that wait to be sent
	reserved   = 64   // of them, places that no event of a secret takes
	batchSize  = 100  // events in one batch, about 50 KB

	attemptTimeout = 4 * time.Second // a first send costs about 21 round trips
	drainTimeout   = 5 * time.Second // for the buffer, after Close
)

// ServiceBus publishes to the topic of a namespace. Safe for concurrent use.
type ServiceBus struct {
	source  string
	random  io.Reader
	dial    func() (*conn, error)
	attempt time.Duration // longest use of a connection
	drain   time.Duration // longest time to empty the buffer after Close

	buffer  chan secret.Event   // events that wait to be sent
	adding  sync.RWMutex        // guards in
	in      chan<- secret.Event // the buffer, nil after stop
	stopped chan struct{}       // closed by stop

	running sync.Mutex    // held by Run, and by Close
	turn    chan struct{} // a lock: guards conn and closed
	conn    *conn         // nil when there is none
	closed  bool
	dropped atomic.Uint64
}

// NewServiceBus returns a publisher to a namespace. It makes no call. The namespace
// is a fully qualified host name, or sb:// with a loopback address and a port for
// an emulator, which is used without TLS and without the credential. source, a URI
// reference, is the CloudEvents source. random makes the ids of events, of 16
// bytes, and must be safe for concurrent use.
func NewServiceBus(namespace string, cred azure.Credential, source string, random io.Reader) (*ServiceBus, error) {
	if source == "" {
		return nil, errors.New("service bus: no source of events")
	}
	dial := func() (*conn, error) { return newConn(namespace, cred) }
	first, err := dial()
	if err != nil {
		return nil, fmt.Errorf("service bus: %w", err)
	}
	buffer := make(chan secret.Event, bufferSize)
	return &ServiceBus{
		source: source, random: random, dial: dial, conn: first, attempt: attemptTimeout, drain: drainTimeout,
		buffer: buffer, in: buffer, stopped: make(chan struct{}), turn: make(chan struct{}, 1),
	}, nil
}

// ofSecrets is the beginning of the types of events of secrets.
const ofSecrets = "secretsharer.secret."

// Publish adds the event to the buffer and never waits. It drops the event when the
// buffer has 1,024 events, or after the context of Run has ended or Close was called.
// The last 64 places are for events that are not about one secret: anybody can make
// and read secrets, and their events must not displace those that warn of an attack.
func (s *ServiceBus) Publish(e secret.Event) {
	s.adding.RLock()
	defer s.adding.RUnlock()
	in := s.in
	if len(s.buffer) >= bufferSize-reserved && strings.HasPrefix(e.Type, ofSecrets) {
		in = nil
	}
	select {
	case in <- e:
	default:
		s.dropped.Add(1)
	}
}

// stop makes Publish drop every later event.
func (s *ServiceBus) stop() {
	s.adding.Lock()
	defer s.adding.Unlock()
	if s.in != nil {
		s.in = nil
		close(s.stopped)
	}
}

// take waits for events and returns up to most of them, the oldest first. It
// returns none when the buffer is empty after stop.
func (s *ServiceBus) take(most int) (events []secret.Event) {
	select {
	case e := <-s.buffer:
		events = append(events, e)
	case <-s.stopped:
	}
	for len(events) < most {
		select {
		case e := <-s.buffer:
			events = append(events, e)
		default:
			return events
		}
	}
	return events
}

// Dropped returns how many published events were given up. Some of them may have
// arrived without an acknowledgement.
func (s *ServiceBus) Dropped() uint64 { return s.dropped.Load() }

// Run sends the published events until ctx ends or Close is called, then those
// still in the buffer, for 5 seconds at most, and drops the rest. It retries while
// the broker does not answer. A second call waits until the first has returned.
func (s *ServiceBus) Run(ctx context.Context) {
	s.running.Lock()
	defer s.running.Unlock()
	defer context.AfterFunc(ctx, s.stop)()
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	go func() {
		<-s.stopped
		_ = clock.Sleep(sending, s.drain)
		cancel()
	}()
	for events := s.take(batchSize); len(events) > 0; events = s.take(batchSize) {
		for len(events) > 0 {
			n, err := s.deliver(sending, events)
			events = events[n:]
			if err != nil { // the first of the rest cannot be sent, or the time is up
				s.dropped.Add(1)
				events = events[1:]
			}
		}
	}
}

// Close waits until Run has sent the events in the buffer, drops them when Run is
// not running, and closes the connection. When ctx ends first, that goes on in the
// background, for 15 seconds at most.
func (s *ServiceBus) Close(ctx context.Context) error {
	s.stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.running.Lock()
		defer s.running.Unlock()
		s.dropped.Add(uint64(len(s.take(bufferSize))))
		s.turn <- struct{}{}
		defer func() { <-s.turn }()
		s.closed = true
		if s.conn != nil {
			s.conn.close(context.WithoutCancel(ctx))
			s.conn = nil
		}
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close service bus: %w", ctx.Err())
	}
}

// Discard discards all events: it is the publisher of a server without Service Bus.
type Discard struct{}

// Publish does nothing.
func (Discard) Publish(secret.Event) {}

// Send does nothing and returns nil.
func (Discard) Send(context.Context, ...secret.Event) error { return nil }
