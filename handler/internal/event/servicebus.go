package event

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Topic is where events go.
const Topic = "secret-events"

const (
	bufferSize = 1024 // events that wait
	batchSize  = 100  // events in one batch, about 50 KB

	attemptTimeout = 4 * time.Second // a first send costs about 21 round trips
	drainTimeout   = 5 * time.Second // for what waits at the end
)

// ServiceBus publishes to the topic of a namespace. Safe for concurrent use.
type ServiceBus struct {
	source  string
	random  io.Reader
	dial    func() (*link, error)
	buffer  *buffer
	attempt time.Duration // the longest use of a connection
	drain   time.Duration
	running chan struct{} // held by Run, and by Close
	turn    chan struct{} // held by who uses link and closed
	link    *link         // nil when there is none
	closed  bool
	sent    atomic.Uint64
	dropped atomic.Uint64
}

// NewServiceBus returns a publisher to a namespace, as [NewClient] takes it. It
// calls nobody yet. source, a URI reference, is the CloudEvents source. Ids of
// events are 16 bytes of random, which must be safe for concurrent use.
func NewServiceBus(namespace string, cred azcore.TokenCredential, source string, random io.Reader) (*ServiceBus, error) {
	if source == "" {
		return nil, errors.New("service bus: no source of events")
	}
	dial := func() (*link, error) { return newLink(namespace, cred) }
	first, err := dial()
	if err != nil {
		return nil, fmt.Errorf("service bus: %w", err)
	}
	return &ServiceBus{
		source: source, random: random, dial: dial, link: first, buffer: newBuffer(bufferSize),
		attempt: attemptTimeout, drain: drainTimeout,
		running: make(chan struct{}, 1), turn: make(chan struct{}, 1),
	}, nil
}

// Publish puts the event into the buffer and never waits. When there are 1,024
// already, or Run has ended, it drops the event.
func (s *ServiceBus) Publish(e secret.Event) {
	if !s.buffer.put(e) {
		s.dropped.Add(1)
	}
}

// Sent returns how many events, published or sent, the broker has acknowledged.
func (s *ServiceBus) Sent() uint64 { return s.sent.Load() }

// Dropped returns how many published events are not known to have arrived and
// will not be sent again.
func (s *ServiceBus) Dropped() uint64 { return s.dropped.Load() }

// Run sends what is published until ctx ends or Close is called, then what is
// still in the buffer, for 5 seconds at most, and drops the rest. A broker that
// is away makes it wait and try again. A second call while one runs waits for it.
func (s *ServiceBus) Run(ctx context.Context) {
	s.running <- struct{}{}
	defer func() { <-s.running }()
	defer context.AfterFunc(ctx, s.buffer.close)()
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	go s.limitDrain(sending, cancel)
	for {
		events := s.buffer.take(batchSize)
		if len(events) == 0 {
			return
		}
		s.flush(sending, events)
	}
}

// limitDrain ends the sending some time after the buffer is closed.
func (s *ServiceBus) limitDrain(sending context.Context, cancel context.CancelFunc) {
	<-s.buffer.closed
	select {
	case <-time.After(s.drain):
		cancel()
	case <-sending.Done():
	}
}

// flush sends the events or counts them as dropped.
func (s *ServiceBus) flush(ctx context.Context, events []secret.Event) {
	for len(events) > 0 {
		n, err := s.deliver(ctx, events)
		events = events[n:]
		if err != nil { // the first of the rest cannot be sent at all, or time is up
			s.dropped.Add(1)
			events = events[1:]
		}
	}
}

// Close lets Run, if it runs, send what is in the buffer, drops what nobody
// will send, and closes the connection. It returns when all that is done or ctx
// ends; then the rest is done within 15 seconds.
func (s *ServiceBus) Close(ctx context.Context) error {
	s.buffer.close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.shut(context.WithoutCancel(ctx))
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close service bus: %w", ctx.Err())
	}
}

func (s *ServiceBus) shut(ctx context.Context) {
	s.running <- struct{}{}
	defer func() { <-s.running }()
	s.dropped.Add(uint64(len(s.buffer.take(bufferSize))))
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.closed = true
	if s.link != nil {
		s.link.close(ctx)
		s.link = nil
	}
}
