package event_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// queueOf returns the queue of a namespace. The faults of the broker affect it.
func queueOf(b *bustest.Broker) *event.Queue { return event.NewQueue(b.Namespace(), nil) }

// ledger counts how often each alert was applied.
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

func alerts(n int) (bodies []string) {
	for i := range n {
		bodies = append(bodies, fmt.Sprintf("alert %d", i))
	}
	return bodies
}

func TestDrainedAlertsAreAppliedOnce(t *testing.T) {
	b := bustest.Start(t, bustest.Options{})
	n := storetest.Rounds(700, 10_000)
	b.Put(t, alerts(n)...)
	var l ledger
	sum, err := queueOf(b).Drain(t.Context(), l.apply)
	if err != nil || sum != (event.Drained{Applied: n}) || len(l.applied) != n {
		t.Errorf("drained %+v, applied %d alerts of %d: %v", sum, len(l.applied), n, err)
	}
	if left := b.Waiting(t, 0); len(left) > 0 {
		t.Errorf("%d are left", len(left))
	}
}

// A dead letter has the reason of the refusal, and no text of the alert.
func TestRefusedAlertIsDeadLettered(t *testing.T) {
	b := bustest.Start(t, bustest.Options{})
	b.Put(t, "bad", "good")
	sum, err := queueOf(b).Drain(t.Context(), func(_ context.Context, alert []byte) error {
		if string(alert) == "bad" {
			return fmt.Errorf("read: %w", &secret.InvalidError{Field: "body", Reason: "must be a JSON object"})
		}
		return nil
	})
	if err != nil || sum != (event.Drained{Applied: 1, Refused: 1}) {
		t.Errorf("drained %+v: %v", sum, err)
	}
	dead := b.Waiting(t, azservicebus.SubQueueDeadLetter)
	if len(dead) != 1 || *dead[0].DeadLetterReason != "refused" || *dead[0].DeadLetterErrorDescription != "body must be a JSON object" {
		t.Errorf("dead letters: %+v", dead)
	}
}

// An outage of the store ends the run. The next one finds every alert.
func TestOutageLeavesTheAlerts(t *testing.T) {
	b := bustest.Start(t, bustest.Options{Lock: time.Second})
	b.Put(t, alerts(50)...)
	q, down := queueOf(b), errors.New("store is down")
	sum, err := q.Drain(t.Context(), func(context.Context, []byte) error { return down })
	if !errors.Is(err, down) || sum.Applied+sum.Refused > 0 || sum.Left == 0 {
		t.Fatalf("drained %+v: %v", sum, err)
	}
	wantAll(t, b, q, &ledger{}, 50)
}

func TestDrainBeginsNoAlertShortlyBeforeItsDeadline(t *testing.T) {
	b := bustest.Start(t, bustest.Options{})
	b.Put(t, "alert")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var l ledger
	if sum, err := queueOf(b).Drain(ctx, l.apply); err != nil || sum != (event.Drained{}) || len(b.Waiting(t, 0)) != 1 {
		t.Errorf("drained %+v: %v", sum, err)
	}
}

// BenchmarkDrain compares a run with one that takes one alert after the other.
func BenchmarkDrain(b *testing.B) {
	broker := bustest.Start(b, bustest.Options{})
	client := broker.Client(b)
	const single, many = 200, 10_000
	work := func(context.Context, []byte) error { <-time.After(5 * time.Millisecond); return nil } // what a hold takes in Azure
	for range b.N {
		broker.Put(b, alerts(single)...)
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
		broker.Put(b, alerts(many)...)
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
