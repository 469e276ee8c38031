package event_test

import (
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// An event that is sent by two calls, since the first may have been cut off, is one.
func TestEventWithAnIDOfItsOwnKeepsIt(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	e := secret.Event{ID: "5d41402abc4b2a76b9719d911017c592", Type: "secretsharer.hold.created", Subject: "01234567", Time: numbered(0).Time}
	for range 2 {
		if err := s.Send(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range b.Events(t, func(m []*message) bool { return len(m) == 2 }) {
		if m.MessageID != e.ID || m.ApplicationProperties["cloudEvents:id"] != e.ID {
			t.Errorf("ids %q and %v", m.MessageID, m.ApplicationProperties["cloudEvents:id"])
		}
	}
}
