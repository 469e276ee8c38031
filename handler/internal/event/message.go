package event

import (
	"encoding/hex"
	"fmt"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// subjectSize is the number of characters of an id that may be published.
const subjectSize = 8

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
