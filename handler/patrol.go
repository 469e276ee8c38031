package main

import (
	"context"
	"fmt"

	"github.com/secretsharer/secretsharer/handler/internal/event"
)

// patrol ends the holds that have expired, and applies the alerts in the queue. It
// takes no alert while the store does not answer: the broker dead-letters an alert
// that was taken too often without being applied.
func (t *timers) patrol(ctx context.Context) error {
	patrolled, err := t.holds.Patrol(ctx)
	for i := range patrolled.Expired {
		t.tel.Hold(&patrolled.Expired[i], false)
	}
	if err == nil && t.queue != nil {
		var drained event.Drained
		drained, err = t.queue.Drain(ctx, t.applyAlert)
		t.tel.AlertsDrained(drained.Applied, drained.Refused, drained.Left)
	}
	if err != nil {
		return fmt.Errorf("patrol: %w", err)
	}
	return nil
}

// applyAlert acts on an alert from the queue.
func (t *timers) applyAlert(ctx context.Context, data []byte) error {
	o, err := t.holds.Alert(ctx, data)
	if err == nil && o.Hold != nil {
		t.tel.Hold(o.Hold, o.New)
	}
	return err
}
