package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

// purge deletes the secrets that were read, revoked or have expired.
func (t *timers) purge(ctx context.Context) error {
	done, err := t.secrets.Purge(ctx)
	t.tel.Purged(done)
	if t.scrub != nil { // even after an error: something may have been deleted before it
		err = errors.Join(err, t.scrub(ctx))
	}
	t.watchRoom(ctx)
	if err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	return nil
}

// watchRoom logs when the embedded store begins to lack room, and when it has room again.
func (t *timers) watchRoom(ctx context.Context) {
	if t.room == nil {
		return
	}
	room, err := t.room(ctx)
	if err != nil {
		return // the purge fails for the same reason
	}
	state := telemetry.Roomy
	switch {
	case room.Full():
		state = telemetry.Full
	case room.Scarce():
		state = telemetry.Scarce
	}
	if t.lastRoom.Swap(int32(state)) != int32(state) {
		t.tel.Room(state, room.Left, room.All)
	}
}
