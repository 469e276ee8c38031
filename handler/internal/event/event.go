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

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Discard discards all events: it is the publisher of a server without Service Bus.
type Discard struct{}

// Publish does nothing.
func (Discard) Publish(secret.Event) {}

// Send does nothing and returns nil.
func (Discard) Send(context.Context, ...secret.Event) error { return nil }
