package event_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// run drains with a deadline.
func run(t *testing.T, q *event.Queue, l *ledger) (event.Drained, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return q.Drain(ctx, l.apply)
}

// wantAll drains until the queue is empty, and checks that each of n alerts was applied and none dead-lettered.
func wantAll(t *testing.T, b *bustest.Broker, q *event.Queue, l *ledger, n int) {
	t.Helper()
	for len(b.Waiting(t, azservicebus.SubQueue(0))) > 0 {
		if _, err := run(t, q, l); err != nil {
			t.Fatalf("without a fault: %v", err)
		}
	}
	if dead := b.Waiting(t, azservicebus.SubQueueDeadLetter); len(l.applied) != n || len(dead) > 0 {
		t.Errorf("applied %d alerts of %d, %d are dead", len(l.applied), n, len(dead))
	}
}

// Each connection is cut a little later than the one before: while it opens,
// receives, settles, and closes. Each connection has alerts to apply.
func TestCutConnectionsLoseNoAlert(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{Lock: 500 * time.Millisecond, MaxDeliveries: 1000})
	q, l, n, failed := queueOf(b), &ledger{}, 0, 0
	q.SetTimeout(300 * time.Millisecond)
	for cut := int64(100); cut < 12_000; cut += int64(storetest.Rounds(700, 150)) {
		for _, arm := range []func(...int64){b.Cut, b.CutAnswers} {
			b.Put(t, fmt.Sprintf("alert %d", n), fmt.Sprintf("alert %d", n+1))
			n += 2
			arm(cut)
			if _, err := run(t, q, l); err != nil {
				failed++
			}
		}
	}
	wantAll(t, b, q, l, n)
	repeated := 0
	for _, times := range l.applied {
		repeated += times - 1
	}
	if failed == 0 || repeated == 0 {
		t.Errorf("%d runs failed and %d alerts came again: the cuts had no effect", failed, repeated)
	}
	t.Logf("%d alerts, %d runs cut off, %d deliveries repeated", n, failed, repeated)
}

func TestDrainFailsWhenTheBrokerIsDown(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	b.Put(t, alerts(3)...)
	q, l := queueOf(b), &ledger{}
	b.Down()
	if sum, err := run(t, q, l); err == nil || sum != (event.Drained{}) {
		t.Errorf("with the broker down: %+v, %v", sum, err)
	}
	b.Up(t)
	wantAll(t, b, q, l, 3)
}

// Opening the connection takes longer here than Drain waits for an alert.
func TestSlowConnectionIsNotAnEmptyQueue(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	b.Put(t, alerts(3)...)
	b.Hang()
	defer time.AfterFunc(2*time.Second, b.Resume).Stop()
	if sum, err := run(t, queueOf(b), &ledger{}); err != nil || sum != (event.Drained{Applied: 3}) {
		t.Errorf("drained %+v: %v", sum, err)
	}
}

// The broker stops answering while an alert is applied. The alert is delivered again.
func TestDrainEndsWhenTheBrokerStopsAnswering(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{Lock: time.Second, MaxDeliveries: 1000})
	b.Put(t, alerts(3)...)
	q, l := queueOf(b), &ledger{}
	q.SetTimeout(time.Second)
	var once sync.Once
	sum, err := q.Drain(t.Context(), func(ctx context.Context, alert []byte) error {
		once.Do(b.Freeze)
		return l.apply(ctx, alert)
	})
	if err == nil || sum.Applied == 3 {
		t.Fatalf("drained %+v: %v", sum, err)
	}
	wantAll(t, b, q, l, 3)
}

func TestDrainLeavesNoGoroutineBehind(t *testing.T) {
	b := bustest.Start(t, bustest.Options{})
	b.Put(t, alerts(3)...)
	q, before := queueOf(b), goroutines("azservicebus", "go-amqp")
	for _, c := range []struct {
		name   string
		before func()
		fails  bool
	}{
		{"that succeed", func() {}, false},
		{"with the broker down", b.Down, true},
		{"that hang", func() { b.Up(t); b.Hang() }, true},
	} {
		c.before()
		if _, err := run(t, q, &ledger{}); (err != nil) != c.fails {
			t.Errorf("runs %s: %v", c.name, err)
		}
		t.Logf("after runs %s", c.name)
		wantGoroutines(t, 10*time.Second, before, "azservicebus", "go-amqp")
	}
	b.Resume()
}

// The broker takes a second to settle. No alert is delivered again.
func TestDrainWaitsForASlowSettlement(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	b.Put(t, alerts(3)...)
	var l ledger
	var once sync.Once
	sum, err := queueOf(b).Drain(t.Context(), func(ctx context.Context, alert []byte) error {
		once.Do(func() {
			b.Hang()
			time.AfterFunc(time.Second, b.Resume)
		})
		return l.apply(ctx, alert)
	})
	if err != nil || sum != (event.Drained{Applied: 3}) {
		t.Errorf("drained %+v: %v", sum, err)
	}
	for alert, times := range l.applied {
		if times != 1 {
			t.Errorf("%s was applied %d times", alert, times)
		}
	}
	wantAll(t, b, queueOf(b), &l, 3)
}
