package event

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second

	subjectSize = 8 // characters of an id that may be published
)

var errClosed = errors.New("service bus: closed")

// Send returns when the broker has acknowledged all events, and retries until
// then or until ctx ends. After an error any of the events may have arrived.
func (s *ServiceBus) Send(ctx context.Context, events ...secret.Event) error {
	_, err := s.deliver(ctx, events)
	return err
}

// deliver sends the events in order and returns how many the broker has
// acknowledged: all, or those before an event that cannot be sent, or those until
// ctx ended.
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
		before := sent
		err := s.use(ctx, func(ctx context.Context, c *conn) error {
			for sent < len(messages) {
				n, err := c.sendBatch(ctx, messages[sent:])
				if err != nil {
					return fmt.Errorf("send to service bus: %w", err)
				}
				sent += n
			}
			return nil
		})
		if err == nil || errors.Is(err, errClosed) || errors.Is(err, azservicebus.ErrMessageTooLarge) {
			return sent, err
		}
		if sent > before {
			pause = firstPause
		}
		// Less up to a half, so that instances do not retry at the same moment.
		if clock.Sleep(ctx, pause-rand.N(pause/2)) != nil { // #nosec G404 -- no secret
			return sent, err
		}
		pause = min(2*pause, longestPause)
	}
}

// Ping reports whether the topic can be sent to now. It opens the connection if
// there is none.
func (s *ServiceBus) Ping(ctx context.Context) error {
	err := s.use(ctx, ping)
	if err != nil && ctx.Err() == nil { // the connection may have died unnoticed
		err = s.use(ctx, ping)
	}
	return err
}

// use calls do with the connection, one caller at a time, for 4 seconds at most. It
// replaces the connection after an error: azservicebus keeps one whose peer does
// not answer any more.
func (s *ServiceBus) use(ctx context.Context, do func(context.Context, *conn) error) (err error) {
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
	if s.conn == nil {
		if s.conn, err = s.dial(); err != nil {
			return err
		}
	}
	if err = do(ctx, s.conn); err != nil {
		go s.conn.close(context.WithoutCancel(ctx))
		s.conn = nil
	}
	return err
}

// message encodes the event in the binary mode of the CloudEvents AMQP binding
// 1.0.2: the attributes are application properties, the time is an AMQP timestamp
// in milliseconds. The event's id is also the message's, for the topic's duplicate
// detection. The body is an empty JSON object.
func (s *ServiceBus) message(e secret.Event) (*azservicebus.Message, error) {
	id, contentType := e.ID, "application/json"
	if id == "" {
		random := make([]byte, 16)
		if _, err := io.ReadFull(s.random, random); err != nil {
			return nil, fmt.Errorf("make event id: %w", err)
		}
		id = hex.EncodeToString(random)
	}
	attributes := map[string]any{
		"cloudEvents:specversion": "1.0",
		"cloudEvents:id":          id,
		"cloudEvents:source":      s.source,
		"cloudEvents:type":        e.Type,
		"cloudEvents:time":        e.Time.UTC(),
	}
	if e.Subject != "" { // CloudEvents does not allow an empty one
		attributes["cloudEvents:subject"] = e.Subject[:min(subjectSize, len(e.Subject))]
	}
	return &azservicebus.Message{
		MessageID:             &id,
		ContentType:           &contentType,
		ApplicationProperties: attributes,
		Body:                  []byte("{}"),
	}, nil
}
