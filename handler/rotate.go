package main

import (
	"context"
	"fmt"
)

// rotate makes the sealing keys of the coming weeks and retires those of past weeks.
func (t *timers) rotate(ctx context.Context) error {
	done, err := t.secrets.Rotate(ctx)
	t.tel.Rotated(done)
	if err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	return nil
}
