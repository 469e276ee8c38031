package main

import (
	"context"
	"errors"
	"fmt"
)

// purge deletes the secrets that were read, revoked or have expired.
func (t *timers) purge(ctx context.Context) error {
	done, err := t.secrets.Purge(ctx)
	t.tel.Purged(done)
	if t.scrub != nil { // even after an error: something may have been deleted before it
		err = errors.Join(err, t.scrub(ctx))
	}
	if err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	return nil
}
