package main

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// The wait is one for a time, and ends early only with the call.
func TestTheWaitEndsWithTheCall(t *testing.T) {
	server, err := newServer(testSettings(t), newWatch(&output{}, zerolog.InfoLevel), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(ended)
		server.api.wait(ctx, time.Now().Add(time.Hour))
	}()
	select {
	case <-ended:
		t.Error("it did not wait")
	default:
	}
	cancel()
	<-ended
	server.api.wait(t.Context(), time.Now().Add(-time.Hour))
}

// Every 404 that an operation answers is held back to 100 ms after its call came;
// nothing else is.
func TestEvery404IsHeldBack(t *testing.T) {
	w := newWorld(t)
	s, none := w.send(terms{}), sealed(t, terms{})
	before := time.Now()
	n := 0
	for operation, r := range none.calls() {
		if operation == "create" {
			continue
		}
		w.want(r, 404, "not-found")
		w.want(r.to(s.calls()[operation].path), 404, "not-found")
		n += 2
	}
	after := time.Now()
	w.want(s.status(), 200, "")
	w.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	w.want(s.read(keyOf("a")), 200, "")
	w.want(s.status(), 410, "gone")
	waits := w.waited()
	if len(waits) != n {
		t.Errorf("%d answers were held back, want the %d that are 404", len(waits), n)
	}
	for _, until := range waits {
		if came := until.Add(-100 * time.Millisecond); came.Before(before) || came.After(after) {
			t.Errorf("held back until %s, for calls from %s to %s", until, before, after)
		}
	}
}
