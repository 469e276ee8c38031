package main

import (
	"context"
	"errors"
	"fmt"
)

// rotate makes the sealing keys of the coming weeks and retires those of past weeks. It
// runs once a day, so it also deletes the holds that ended long ago.
func (t *timers) rotate(ctx context.Context) error {
	done, err := t.secrets.Rotate(ctx)
	t.tel.Rotated(done)
	deleted, pruneErr := t.holds.Prune(ctx)
	t.tel.Pruned(deleted)
	if err := errors.Join(err, pruneErr); err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	return nil
}
