package event

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
)

var errClosed = errors.New("service bus: closed")

// Send returns when the broker has acknowledged all events. It tries again
// until then or until ctx ends; an error leaves open which of them arrived.
func (s *ServiceBus) Send(ctx context.Context, events ...secret.Event) error {
	_, err := s.deliver(ctx, events)
	return err
}

// deliver sends the events in order and returns how many of them were
// acknowledged: all, or as many as came before one that can never be sent, or
// before ctx ended.
func (s *ServiceBus) deliver(ctx context.Context, events []secret.Event) (int, error) {
	var messages []*azservicebus.Message
	for _, e := range events {
		m, err := s.message(e)
		if err != nil {
			return 0, err
		}
		messages = append(messages, m)
	}
	sent, pause := 0, firstPause
	for {
		n, err := s.sendAll(ctx, messages[sent:])
		sent += n
		s.sent.Add(uint64(n)) // #nosec G115 -- a count
		if err == nil || errors.Is(err, errClosed) || errors.Is(err, azservicebus.ErrMessageTooLarge) {
			return sent, err
		}
		if n > 0 {
			pause = firstPause
		}
		if !wait(ctx, pause) {
			return sent, err
		}
		pause = min(2*pause, longestPause)
	}
}

// sendAll sends what it can over one connection.
func (s *ServiceBus) sendAll(ctx context.Context, messages []*azservicebus.Message) (sent int, err error) {
	err = s.use(ctx, func(ctx context.Context, l *link) error {
		for sent < len(messages) {
			n, err := l.sendBatch(ctx, messages[sent:])
			if err != nil {
				return fmt.Errorf("send to service bus: %w", err)
			}
			sent += n
		}
		return nil
	})
	return sent, err
}

// Ping opens the connection where there is none and asks the broker for a
// further link to the topic, so that it answers for now, not for the past.
func (s *ServiceBus) Ping(ctx context.Context) error {
	err := s.use(ctx, ping)
	if err != nil && ctx.Err() == nil { // perhaps of a connection that had died unseen
		err = s.use(ctx, ping)
	}
	return err
}

// use lets do have the connection alone, for 4 seconds at most, and throws the
// connection away when do fails: azservicebus keeps one whose peer has gone silent.
func (s *ServiceBus) use(ctx context.Context, do func(context.Context, *link) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, s.attempt)
	defer cancel()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for service bus: %w", ctx.Err())
	}
	defer func() { <-s.turn }()
	if s.closed {
		return errClosed
	}
	if s.link == nil {
		if s.link, err = s.dial(); err != nil {
			return err
		}
	}
	if err = do(ctx, s.link); err != nil {
		go s.link.close(context.WithoutCancel(ctx))
		s.link = nil
	}
	return err
}

// wait reports whether the pause, shortened by up to a half so that instances
// do not come back together, was over before ctx.
func wait(ctx context.Context, pause time.Duration) bool {
	pause -= rand.N(pause / 2) // #nosec G404 -- not a secret
	return clock.Sleep(ctx, pause) == nil
}
