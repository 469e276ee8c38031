package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// drainTime bounds the work on the queue, so that many alerts leave time to end holds.
const drainTime = 40 * time.Second

// patrol applies the alerts in the queue, and then ends the holds that have expired. It
// does each whether the other fails or not: alerts are urgent, and must not wait until
// many holds have ended.
func (t *timers) patrol(ctx context.Context) error {
	drainErr := t.drain(ctx)
	patrolled, err := t.holds.Patrol(ctx)
	for i := range patrolled.Expired {
		t.tel.Hold(&patrolled.Expired[i], false)
	}
	if err := errors.Join(drainErr, err); err != nil {
		return fmt.Errorf("patrol: %w", err)
	}
	return nil
}

// drain applies the alerts in the queue. It takes none unless a hold can be placed now:
// the broker dead-letters an alert that was taken too often without being applied.
func (t *timers) drain(ctx context.Context) error {
	if t.queue == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	if err := t.holds.Ready(ctx); err != nil {
		return err
	}
	drained, err := t.queue.Drain(ctx, t.applyAlert)
	t.tel.AlertsDrained(drained.Applied, drained.Refused, drained.Left)
	return err
}

// applyAlert acts on an alert from the queue.
func (t *timers) applyAlert(ctx context.Context, data []byte) error {
	o, err := t.holds.Alert(ctx, data)
	if err == nil && o.Hold != nil {
		t.tel.Hold(o.Hold, o.New)
	}
	return err
}
