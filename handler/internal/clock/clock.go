// Package clock has the clocks and waits that the standard library lacks: a clock
// for deletions, which accepts forward steps only after a delay, and a sleep that
// ends with its context. It imports the standard library only.
package clock

import (
	"context"
	"time"
)

// Sleep waits for d, or until ctx is done, and then returns ctx.Err(). It returns
// nil at once when d is not positive and ctx is not done.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Clock is the time that a program runs on. Tests inject their own.
type Clock struct {
	Now    func() time.Time                                 // the wall clock
	Steady func() time.Duration                             // counts from any start and never steps
	Sleep  func(ctx context.Context, d time.Duration) error // as [Sleep]
}

// System returns the clock of the machine.
func System() Clock {
	start := time.Now()
	return Clock{Now: time.Now, Steady: func() time.Duration { return time.Since(start) }, Sleep: Sleep}
}
