package event_test

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const source = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Web/sites/sss"

type message = azservicebus.ReceivedMessage

func publisher(t *testing.T, b *bustest.Broker) *event.ServiceBus {
	t.Helper()
	s, err := event.NewServiceBus(b.Namespace(), nil, source, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = s.Close(ctx)
	})
	return s
}

// ended returns a context that has ended.
func ended(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// subjects returns how often each subject arrived, and the subjects in the order of their first arrival.
func subjects(messages []*message) (times map[string]int, order []string) {
	times = map[string]int{}
	for _, m := range messages {
		subject, _ := m.ApplicationProperties["cloudEvents:subject"].(string)
		if times[subject]++; times[subject] == 1 {
			order = append(order, subject)
		}
	}
	return times, order
}

// distinct reports whether at least n subjects have arrived.
func distinct(n int) func([]*message) bool {
	return func(messages []*message) bool {
		times, _ := subjects(messages)
		return len(times) >= n
	}
}

func wantAllOnce(t *testing.T, messages []*message, n int) {
	t.Helper()
	_, order := subjects(messages)
	if len(messages) != n || len(order) != n {
		t.Fatalf("%d messages of %d events, want %d", len(messages), len(order), n)
	}
	for i, subject := range order {
		if subject != numbered(i).Subject {
			t.Fatalf("event %d has the subject %s", i, subject)
		}
	}
}

func wantDropped(t *testing.T, s *event.ServiceBus, dropped uint64) {
	t.Helper()
	if s.Dropped() != dropped {
		t.Errorf("%d dropped, want %d", s.Dropped(), dropped)
	}
}

func TestEventIsACloudEventOfEightCharacters(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	const id = "0123abcd4567efgh89jkmnpqrstvwxyz"
	at := time.Date(2026, 11, 25, 12, 0, 0, 123e6, time.FixedZone("", 3600))
	err := s.Send(t.Context(),
		secret.Event{Type: "secretsharer.secret.read", Subject: id, Time: at},
		secret.Event{Type: "secretsharer.hold.created", Time: at})
	if err != nil {
		t.Fatal(err)
	}
	got := b.Events(t, func(m []*message) bool { return len(m) == 2 })
	for i, want := range []map[string]any{
		{"cloudEvents:type": "secretsharer.secret.read", "cloudEvents:subject": "0123abcd"},
		{"cloudEvents:type": "secretsharer.hold.created"},
	} {
		want["cloudEvents:specversion"] = "1.0"
		want["cloudEvents:source"] = source
		want["cloudEvents:id"] = got[i].MessageID
		// Equal, since == also compares the zones.
		if got, ok := got[i].ApplicationProperties["cloudEvents:time"].(time.Time); !ok || !got.Equal(at) {
			t.Errorf("time %v, want %v", got, at)
		}
		want["cloudEvents:time"] = got[i].ApplicationProperties["cloudEvents:time"]
		if !maps.Equal(got[i].ApplicationProperties, want) {
			t.Errorf("properties %v, want %v", got[i].ApplicationProperties, want)
		}
		if len(got[i].MessageID) != 32 || *got[i].ContentType != "application/json" || string(got[i].Body) != "{}" {
			t.Errorf("id %q, type %q, body %q", got[i].MessageID, *got[i].ContentType, got[i].Body)
		}
	}
	if got[0].MessageID == got[1].MessageID {
		t.Error("two events with one id")
	}
	wantDropped(t, s, 0)
}

func TestRunDrainsInOrderWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	for n := range 900 {
		s.Publish(numbered(n))
	}
	s.Run(ended(t))
	wantDropped(t, s, 0)
	s.Publish(numbered(900))
	wantDropped(t, s, 1)
	wantAllOnce(t, b.Events(t, distinct(900)), 900)
}

// The last places are not for the events of secrets.
func TestFullBufferDropsTheNewestAndCounts(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	for n := range 10_000 {
		s.Publish(numbered(n))
	}
	wantDropped(t, s, 10_000-960)
	for n := range 65 {
		e := numbered(960 + n)
		e.Type = "secretsharer.operator.refused"
		s.Publish(e)
	}
	wantDropped(t, s, 10_065-1024)
	go s.Run(t.Context())
	wantAllOnce(t, b.Events(t, distinct(1024)), 1024)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Publish(numbered(0))
	wantDropped(t, s, 10_066-1024)
}

func TestEveryPublishedEventIsSentOrDropped(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	go s.Run(t.Context())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for n := range 2500 {
				s.Publish(numbered(n))
			}
		})
	}
	sent := len(b.Events(t, func(m []*message) bool { return len(m) > 0 }))
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	dropped := int(s.Dropped())
	sent += len(b.Events(t, func(m []*message) bool { return sent+len(m)+dropped >= 10_000 }))
	if sent+dropped != 10_000 {
		t.Errorf("%d sent and %d dropped of 10,000", sent, dropped)
	}
}

func TestCloseDrains(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	for n := range 500 {
		s.Publish(numbered(n))
	}
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		s.Run(t.Context())
	}()
	sent := b.Events(t, func(m []*message) bool { return len(m) > 0 }) // it runs
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-ran
	sent = append(sent, b.Events(t, func(m []*message) bool { return len(sent)+len(m) >= 500 })...)
	wantAllOnce(t, sent, 500)
	wantDropped(t, s, 0)
	if err := s.Send(t.Context(), numbered(1)); err == nil {
		t.Error("sent after Close")
	}
}

func TestCloseDropsTheBufferWhenRunIsNotRunning(t *testing.T) {
	t.Parallel()
	s := publisher(t, bustest.Start(t, bustest.Options{}))
	for n := range 5 {
		s.Publish(numbered(n))
	}
	for range 2 {
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.Run(t.Context()) // returns at once
	wantDropped(t, s, 5)
}

func TestSendSplitsEventsIntoBatches(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	var all []secret.Event
	for n := range 2000 {
		all = append(all, numbered(n))
	}
	if err := s.Send(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	wantAllOnce(t, b.Events(t, distinct(2000)), 2000)
	wantDropped(t, s, 0)
}

func TestEventThatIsTooLargeDoesNotStopTheNext(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	tooLarge := secret.Event{Type: strings.Repeat("x", 300_000), Time: time.Now()}
	if err := s.Send(t.Context(), tooLarge); !errors.Is(err, azservicebus.ErrMessageTooLarge) {
		t.Errorf("%v, want too large", err)
	}
	s.Publish(numbered(0))
	s.Publish(tooLarge)
	s.Publish(numbered(1))
	s.Run(ended(t))
	wantAllOnce(t, b.Events(t, distinct(2)), 2)
	wantDropped(t, s, 1)
}

func TestEventWithoutRandomnessIsDropped(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s, err := event.NewServiceBus(b.Namespace(), nil, source, iotest.ErrReader(errors.New("no randomness")))
	if err != nil {
		t.Fatal(err)
	}
	s.Publish(numbered(1))
	if err := s.Send(t.Context(), numbered(2)); err == nil || !strings.Contains(err.Error(), "no randomness") {
		t.Errorf("Send: %v", err)
	}
	s.Run(ended(t))
	wantDropped(t, s, 1)
}

func TestNamespaceIsChecked(t *testing.T) {
	for _, namespace := range []string{
		"", "sb://", "sb://127.0.0.1", "sb://10.0.0.1:5672", "sb://localhost:5672", "sb://sss.servicebus.windows.net",
		"sb://127.0.0.1:5672;EntityPath=x", "https://sss.servicebus.windows.net", "sss.servicebus.windows.net:5671",
		"sss.servicebus.windows.net/", "sss.servicebus.windows.net", // the last lacks a credential
	} {
		if _, err := event.NewServiceBus(namespace, nil, source, rand.Reader); err == nil || !strings.Contains(err.Error(), namespace) {
			t.Errorf("%q: %v", namespace, err)
		}
	}
	if _, err := event.NewServiceBus("sb://[::1]:5672", nil, "", rand.Reader); err == nil {
		t.Error("no source")
	}
	if _, err := event.NewServiceBus("sb://[::1]:5672", nil, source, rand.Reader); err != nil {
		t.Error(err)
	}
}

// Two calls send the event, as if the first had been interrupted.
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
