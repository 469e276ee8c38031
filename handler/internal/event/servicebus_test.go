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

// ended returns a context that has.
func ended(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// subjects returns how often each subject arrived, and in which order at first.
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

// distinct is enough when so many subjects have arrived.
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

func wantCounts(t *testing.T, s *event.ServiceBus, sent, dropped uint64) {
	t.Helper()
	if s.Sent() != sent || s.Dropped() != dropped {
		t.Errorf("%d sent, %d dropped, want %d and %d", s.Sent(), s.Dropped(), sent, dropped)
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
		// A time is equal when it names the same instant; == asks for more.
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
	wantCounts(t, s, 2, 0)
}

func TestRunDrainsInOrderWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	for n := range 1000 {
		s.Publish(numbered(n))
	}
	s.Run(ended(t))
	wantCounts(t, s, 1000, 0)
	s.Publish(numbered(1000))
	wantCounts(t, s, 1000, 1)
	wantAllOnce(t, b.Events(t, distinct(1000)), 1000)
}

func TestFullBufferDropsTheNewestAndCounts(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	s := publisher(t, b)
	for n := range 10_000 {
		s.Publish(numbered(n))
	}
	wantCounts(t, s, 0, 10_000-1024)
	go s.Run(t.Context())
	wantAllOnce(t, b.Events(t, distinct(1024)), 1024)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Publish(numbered(0))
	wantCounts(t, s, 1024, 10_001-1024)
}

func TestWhatIsPublishedIsSentOrDropped(t *testing.T) {
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
	b.Events(t, func(m []*message) bool { return len(m) > 0 })
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if s.Sent()+s.Dropped() != 10_000 || s.Sent() == 0 {
		t.Errorf("%d sent and %d dropped of 10,000", s.Sent(), s.Dropped())
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
	b.Events(t, func(m []*message) bool { return len(m) > 0 }) // it runs
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-ran
	wantCounts(t, s, 500, 0)
	if err := s.Send(t.Context(), numbered(1)); err == nil {
		t.Error("sent after Close")
	}
}

func TestCloseDropsWhatNobodySends(t *testing.T) {
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
	wantCounts(t, s, 0, 5)
}

func TestSendSplitsWhatNoBatchHolds(t *testing.T) {
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
	wantCounts(t, s, 2000, 0)
}

func TestEventThatNoMessageHoldsDoesNotStopTheNext(t *testing.T) {
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
	wantCounts(t, s, 2, 1)
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
	wantCounts(t, s, 0, 1)
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
