package event_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

var _ = []secret.Publisher{(*event.Memory)(nil), (*event.ServiceBus)(nil)}

// numbered returns an event that can be told from others.
func numbered(n int) secret.Event {
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
	return secret.Event{Type: "secretsharer.secret.read", Subject: fmt.Sprintf("%08d", n), Time: at}
}

func TestMemoryKeepsTheLastEvents(t *testing.T) {
	for _, c := range []struct{ size, published, first int }{
		{3, 0, 0}, {3, 2, 0}, {3, 3, 0}, {3, 4, 1}, {3, 8, 5}, {1, 5, 4}, {0, 5, 5}, {-1, 5, 5},
	} {
		m := event.NewMemory(c.size)
		want := []secret.Event{}
		for n := range c.published {
			m.Publish(numbered(n))
			if n >= c.first {
				want = append(want, numbered(n))
			}
		}
		if got := m.Events(); !slices.Equal(got, want) {
			t.Errorf("size %d after %d: %v, want %v", c.size, c.published, got, want)
		}
	}
}

func TestMemorySendsAtOnce(t *testing.T) {
	m := event.NewMemory(2)
	if err := m.Send(t.Context(), numbered(1), numbered(2)); err != nil {
		t.Fatal(err)
	}
	if got := m.Events(); !slices.Equal(got, []secret.Event{numbered(1), numbered(2)}) {
		t.Errorf("kept %v", got)
	}
}

func TestMemoryMayBeSharedAndItsCopyKept(t *testing.T) {
	m := event.NewMemory(10)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for n := range 200 {
				m.Publish(numbered(worker*200 + n))
				m.Events()
			}
		})
	}
	all.Wait()
	kept := m.Events()
	before := slices.Clone(kept)
	m.Publish(numbered(9999))
	if len(kept) != 10 || !slices.Equal(kept, before) {
		t.Errorf("%d kept, and a copy that changed: %v", len(kept), !slices.Equal(kept, before))
	}
}
