package main

import (
	"context"
	"fmt"
)

// rotate makes the keys of the coming weeks and retires those of the past ones.
func (t *timers) rotate(ctx context.Context) error {
	done, err := t.service.Rotate(ctx)
	t.watch.rotated(done)
	if err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	return nil
}
