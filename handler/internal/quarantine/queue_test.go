package quarantine_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// The alert is delivered again, because its lock is lost.
func TestLostLockPlacesNoSecondHold(t *testing.T) {
	w := newFixture(t)
	b := bustest.Start(t, bustest.Options{Lock: 500 * time.Millisecond})
	alert := `{"SystemAlertId":"lost","AlertType":"KV_TORAccess","Severity":"Medium","AzureResourceId":"` + vault + `"}`
	b.Put(t, alert)
	q := event.NewQueue(b.Namespace(), nil)
	var fresh atomic.Int64
	apply := func(ctx context.Context, data []byte) error {
		o, err := w.Alert(ctx, data)
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

// The copies come in one batch and are applied concurrently.
func TestRepeatedAlertsInABatchAreOneHold(t *testing.T) {
	w := newFixture(t)
	b := bustest.Start(t, bustest.Options{})
	alert := `{"SystemAlertId":"often","AlertType":"KV_TORAccess","Severity":"Medium","AzureResourceId":"` + vault + `"}`
	b.Put(t, slices.Repeat([]string{alert}, 40)...)
	sum, err := event.NewQueue(b.Namespace(), nil).Drain(t.Context(), func(ctx context.Context, data []byte) error {
		_, err := w.Alert(ctx, data)
		return err
	})
	if err != nil || sum != (event.Drained{Applied: 40}) {
		t.Errorf("drained %+v: %v", sum, err)
	}
	if page, err := w.Holds(t.Context(), ""); err != nil || len(page.Active) != 1 || len(page.Past) != 0 {
		t.Errorf("holds %+v: %v", page, err)
	}
}

// The batch takes longer than its locks last, so it is delivered again.
func TestLostLocksOfABatchPlaceNoSecondHold(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	b := bustest.Start(t, bustest.Options{Lock: 500 * time.Millisecond, MaxDeliveries: 1000})
	const n = 40
	var alerts []string
	for i := range n {
		alerts = append(alerts, fmt.Sprintf(`{"SystemAlertId":"lost-%d","AlertType":"KV_TORAccess","Severity":"Medium","AzureResourceId":%q}`, i, vault))
	}
	b.Put(t, alerts...)
	var created, calls atomic.Int64
	lost := make(chan struct{})
	apply := func(ctx context.Context, data []byte) error {
		o, err := w.Alert(ctx, data)
		if o.New {
			created.Add(1)
		}
		calls.Add(1)
		<-lost
		return err
	}
	q := event.NewQueue(b.Namespace(), nil)
	first := make(chan error, 1)
	go func() {
		_, err := q.Drain(t.Context(), apply)
		first <- err
	}()
	testkit.Await(t, "end of the lock", func() bool { return calls.Load() > 0 && b.Waiting(t, 0)[0].DeliveryCount >= 2 })
	close(lost)
	if err := <-first; err == nil {
		t.Error("the locks were not lost")
	}
	for len(b.Waiting(t, 0)) > 0 {
		if _, err := q.Drain(t.Context(), apply); err != nil {
			t.Fatal(err)
		}
	}
	page, err := w.Holds(t.Context(), "")
	if err != nil || len(page.Active) != n || created.Load() != n || calls.Load() == n {
		t.Errorf("%d holds, %d created by %d calls, want %d: %v", len(page.Active), created.Load(), calls.Load(), n, err)
	}
}
