package event_test

import (
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// numbered returns the nth of a sequence of events.
func numbered(n int) secret.Event {
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
	return secret.Event{Type: "secretsharer.secret.read", Subject: fmt.Sprintf("%08d", n), Time: at}
}
