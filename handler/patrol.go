package main

import (
	"context"
	"fmt"

	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
)

// patrol ends the holds whose time has come, and applies the alerts that wait in
// the queue. While the store does not answer it takes none: an alert that is
// taken too often, and not applied, the broker lays among the dead letters.
func (t *timers) patrol(ctx context.Context) error {
	swept, err := t.holds.Sweep(ctx)
	t.watch.swept(swept)
	if err == nil && t.queue != nil {
		var drained quarantine.Drained
		drained, err = t.queue.Drain(ctx, t.apply)
		t.watch.drained(drained)
	}
	if err != nil {
		return fmt.Errorf("patrol: %w", err)
	}
	return nil
}

// apply acts on an alert as it lay in the queue.
func (t *timers) apply(ctx context.Context, data []byte) error {
	alert, err := quarantine.ParseAlert(data)
	if err != nil {
		return err
	}
	o, err := t.holds.Alert(ctx, alert)
	if err == nil && o.Hold != nil {
		t.watch.hold(o.Hold, o.New)
	}
	return err
}
