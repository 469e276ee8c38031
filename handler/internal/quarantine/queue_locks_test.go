package quarantine_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
)

// A batch that is worked off more slowly than its locks last comes again, and sets each hold once.
func TestLostLocksOfABatchSetNoSecondHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := bustest.Start(t, bustest.Options{Lock: 500 * time.Millisecond, MaxDeliveries: 1000})
	const n = 40
	var alerts []string
	for i := range n {
		alerts = append(alerts, fmt.Sprintf(`{"SystemAlertId":"lost-%d","AlertType":"KV_TORAccess","Severity":"Medium","AzureResourceId":%q}`, i, vault))
	}
	put(t, b, alerts...)
	var created, calls atomic.Int64
	lost := make(chan struct{})
	apply := func(ctx context.Context, data []byte) error {
		a, err := quarantine.ParseAlert(data)
		if err != nil {
			return err
		}
		o, err := w.Alert(ctx, a)
		if o.New {
			created.Add(1)
		}
		calls.Add(1)
		<-lost
		return err
	}
	q := queueOf(b)
	first := make(chan error, 1)
	go func() {
		_, err := q.Drain(t.Context(), apply)
		first <- err
	}()
	for calls.Load() == 0 || waiting(t, b, 0)[0].DeliveryCount < 2 { // the lock is not over
		time.Sleep(20 * time.Millisecond)
	}
	close(lost)
	if err := <-first; err == nil {
		t.Error("the locks were not lost")
	}
	for len(waiting(t, b, 0)) > 0 {
		if _, err := q.Drain(t.Context(), apply); err != nil {
			t.Fatal(err)
		}
	}
	page, err := w.Holds(t.Context(), "")
	if err != nil || len(page.Active) != n || created.Load() != n || calls.Load() == n {
		t.Errorf("%d holds, %d created by %d calls, want %d: %v", len(page.Active), created.Load(), calls.Load(), n, err)
	}
}

// A broker that takes a second to settle is waited for: no alert comes again.
func TestSlowSettlementIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	put(t, b, numbered(3)...)
	var l ledger
	var once sync.Once
	sum, err := queueOf(b).Drain(t.Context(), func(ctx context.Context, alert []byte) error {
		once.Do(func() {
			b.Hang()
			time.AfterFunc(time.Second, b.Resume)
		})
		return l.apply(ctx, alert)
	})
	if err != nil || sum != (quarantine.Drained{Applied: 3}) {
		t.Errorf("drained %+v: %v", sum, err)
	}
	for alert, times := range l.applied {
		if times != 1 {
			t.Errorf("%s was applied %d times", alert, times)
		}
	}
	wantAll(t, b, queueOf(b), &l, 3)
}
