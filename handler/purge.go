package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// scrubber overwrites what was deleted; the embedded store needs that.
type scrubber interface {
	Scrub(ctx context.Context) error
}

// purge deletes what is over, and says how much is left.
func (t *timers) purge(ctx context.Context) error {
	done, err := t.service.Purge(ctx)
	t.watch.purged(done)
	if t.scrubber != nil { // also for what was deleted before an error
		err = errors.Join(err, t.scrubber.Scrub(ctx))
	}
	if err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	return nil
}

// timers are the functions that no caller can reach.
type timers struct {
	service  *secret.Service
	holds    *quarantine.Service
	queue    *quarantine.Queue // nil where there is no bus
	scrubber scrubber          // nil where deleting needs none
	watch    *watch
}
