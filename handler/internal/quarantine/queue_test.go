package quarantine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// put sends messages to the queue, by a client that no fault hits.
func put(t testing.TB, b *bustest.Broker, bodies ...string) {
	t.Helper()
	sender, err := b.Client(t).NewSender(bustest.Queue, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sender.Close(context.WithoutCancel(t.Context())) }()
	for len(bodies) > 0 {
		batch, err := sender.NewMessageBatch(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for n < min(len(bodies), 500) && batch.AddMessage(&azservicebus.Message{Body: []byte(bodies[n])}, nil) == nil {
			n++
		}
		if err := sender.SendMessageBatch(t.Context(), batch, nil); err != nil || n == 0 {
			t.Fatalf("sent %d: %v", n, err)
		}
		bodies = bodies[n:]
	}
}

// queueOf is the queue of a namespace as the service sees it, with every fault.
func queueOf(b *bustest.Broker) *quarantine.Queue {
	return quarantine.NewQueue(func() (*azservicebus.Client, error) { return event.NewClient(b.Namespace(), nil) })
}

// ledger applies alerts, and knows how often it did.
type ledger struct {
	mu      sync.Mutex
	applied map[string]int
}

func (l *ledger) apply(_ context.Context, alert []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.applied == nil {
		l.applied = map[string]int{}
	}
	l.applied[string(alert)]++
	return nil
}

func numbered(n int) (bodies []string) {
	for i := range n {
		bodies = append(bodies, fmt.Sprintf("alert %d", i))
	}
	return bodies
}

// waiting returns the messages in the queue, or among its dead letters.
func waiting(t *testing.T, b *bustest.Broker, sub azservicebus.SubQueue) []*azservicebus.ReceivedMessage {
	t.Helper()
	r, err := b.Client(t).NewReceiverForQueue(bustest.Queue, &azservicebus.ReceiverOptions{SubQueue: sub})
	if err != nil {
		t.Fatal(err)
	}
	all, err := r.PeekMessages(t.Context(), 100, nil)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDrainedAlertsAreAppliedOnce(t *testing.T) {
	b := bustest.Start(t, bustest.Options{})
	n := storetest.Rounds(700, 10_000)
	put(t, b, numbered(n)...)
	var l ledger
	sum, err := queueOf(b).Drain(t.Context(), l.apply)
	if err != nil || sum != (quarantine.Drained{Applied: n}) || len(l.applied) != n {
		t.Errorf("drained %+v, applied %d alerts of %d: %v", sum, len(l.applied), n, err)
	}
	if left := waiting(t, b, 0); len(left) > 0 {
		t.Errorf("%d are left", len(left))
	}
}

// What cannot be read, or is refused, is kept among the dead letters with the reason and without a word of the alert.
func TestPoisonGoesToTheDeadLetters(t *testing.T) {
	b := bustest.Start(t, bustest.Options{})
	put(t, b, "poison", "good")
	sum, err := queueOf(b).Drain(t.Context(), func(_ context.Context, alert []byte) error {
		if string(alert) == "poison" {
			return fmt.Errorf("read: %w", &secret.InvalidError{Field: "body", Reason: "must be a JSON object"})
		}
		return nil
	})
	if err != nil || sum != (quarantine.Drained{Applied: 1, Refused: 1}) {
		t.Errorf("drained %+v: %v", sum, err)
	}
	dead := waiting(t, b, azservicebus.SubQueueDeadLetter)
	if len(dead) != 1 || *dead[0].DeadLetterReason != "refused" || *dead[0].DeadLetterErrorDescription != "body must be a JSON object" {
		t.Errorf("dead letters: %+v", dead)
	}
}

// An outage of the store ends the run, and every alert is there for the next one.
func TestAnOutageLeavesTheAlerts(t *testing.T) {
	b := bustest.Start(t, bustest.Options{Lock: time.Second})
	put(t, b, numbered(50)...)
	q, down := queueOf(b), errors.New("store is down")
	sum, err := q.Drain(t.Context(), func(context.Context, []byte) error { return down })
	if !errors.Is(err, down) || sum.Applied+sum.Refused > 0 || sum.Left == 0 {
		t.Fatalf("drained %+v: %v", sum, err)
	}
	wantAll(t, b, q, &ledger{}, 50)
}

// A run that is about to be cut off begins nothing.
func TestDrainEndsBeforeItsTime(t *testing.T) {
	b := bustest.Start(t, bustest.Options{})
	put(t, b, "alert")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var l ledger
	if sum, err := queueOf(b).Drain(ctx, l.apply); err != nil || sum != (quarantine.Drained{}) || len(waiting(t, b, 0)) != 1 {
		t.Errorf("drained %+v: %v", sum, err)
	}
}

// An alert that is delivered again, since its lock was lost, sets no second hold.
func TestALostLockSetsNoSecondHold(t *testing.T) {
	w := newWorld(t)
	b := bustest.Start(t, bustest.Options{Lock: 500 * time.Millisecond})
	alert := `{"SystemAlertId":"lost","AlertType":"KV_TORAccess","Severity":"Medium","AzureResourceId":"` + vault + `"}`
	put(t, b, alert)
	q := queueOf(b)
	var fresh atomic.Int64
	apply := func(ctx context.Context, data []byte) error {
		a, err := quarantine.ParseAlert(data)
		if err != nil {
			return err
		}
		o, err := w.Alert(ctx, a)
		if o.New {
			fresh.Add(1)
			<-time.After(time.Second) // longer than the lock
		}
		return err
	}
	first, err := q.Drain(t.Context(), apply)
	if first.Applied > 0 && err == nil {
		t.Fatalf("the lock was not lost: %+v", first)
	}
	if sum, err := q.Drain(t.Context(), apply); err != nil || sum.Applied != 1 || fresh.Load() != 1 {
		t.Errorf("then drained %+v, %d new holds: %v", sum, fresh.Load(), err)
	}
}

// The same alert many times over, in one batch and side by side, is one hold.
func TestRepeatedAlertsInABatchAreOneHold(t *testing.T) {
	w := newWorld(t)
	b := bustest.Start(t, bustest.Options{})
	alert := `{"SystemAlertId":"often","AlertType":"KV_TORAccess","Severity":"Medium","AzureResourceId":"` + vault + `"}`
	put(t, b, slices.Repeat([]string{alert}, 40)...)
	sum, err := queueOf(b).Drain(t.Context(), func(ctx context.Context, data []byte) error {
		a, err := quarantine.ParseAlert(data)
		if err == nil {
			_, err = w.Alert(ctx, a)
		}
		return err
	})
	if err != nil || sum != (quarantine.Drained{Applied: 40}) {
		t.Errorf("drained %+v: %v", sum, err)
	}
	if page, err := w.Holds(t.Context(), ""); err != nil || len(page.Active) != 1 || len(page.Past) != 0 {
		t.Errorf("holds %+v: %v", page, err)
	}
}

// BenchmarkDrain compares a run with one that takes one alert after the other.
func BenchmarkDrain(b *testing.B) {
	broker := bustest.Start(b, bustest.Options{})
	client := broker.Client(b)
	const single, many = 200, 10_000
	work := func(context.Context, []byte) error { <-time.After(5 * time.Millisecond); return nil } // what a hold takes in Azure
	for range b.N {
		put(b, broker, numbered(single)...)
		r, err := client.NewReceiverForQueue(bustest.Queue, nil)
		if err != nil {
			b.Fatal(err)
		}
		begin := time.Now()
		for range single {
			messages, err := r.ReceiveMessages(b.Context(), 1, nil)
			if err == nil {
				err = errors.Join(work(b.Context(), nil), r.CompleteMessage(b.Context(), messages[0], nil))
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		one := time.Since(begin) / single
		if err := r.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		put(b, broker, numbered(many)...)
		begin = time.Now()
		if sum, err := queueOf(broker).Drain(b.Context(), work); err != nil || sum.Applied != many {
			b.Fatal(sum, err)
		}
		each := time.Since(begin) / many
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(many)/time.Since(begin).Seconds(), "alerts/s")
		b.ReportMetric(float64(one)/float64(each), "times-faster")
	}
}
