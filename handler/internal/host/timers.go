package host

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
)

const (
	// TimerLimit is how long a run may take, well below functionTimeout in
	// host.json: a run that outlives that gets the whole process killed.
	TimerLimit = time.Minute

	// look is how often the wall clock is looked at, which can step, or go on
	// while the machine sleeps.
	look = time.Minute
)

// RunTimers runs every timer at once and then on the schedule of its manifest, in
// UTC, until ctx is done, and returns when no run is left. now is the wall clock.
// Runs of one timer never overlap, and what came due before the start, during a
// run, or while the machine slept, is made up for by one run.
func (a *App) RunTimers(ctx context.Context, now func() time.Time) {
	var running sync.WaitGroup
	for _, f := range a.functions {
		if f.Timer != nil {
			running.Go(func() { a.repeat(ctx, f, now) })
		}
	}
	running.Wait()
}

func (a *App) repeat(ctx context.Context, f Function, now func() time.Time) {
	_ = a.run(ctx, Run{Timer: f.Name, PastDue: true}) // Ran hears of the error
	for seen := wall(now); ctx.Err() == nil; {
		if t := wall(now); t.Before(seen) {
			seen = t // set back: what the clock has still to say counts
		}
		next := f.Timer.schedule.Next(seen)
		if left := next.Sub(wall(now)); left > 0 {
			_ = clock.Sleep(ctx, min(left, look))
			continue
		}
		_ = a.run(ctx, Run{Timer: f.Name})
		seen = wall(now)
	}
}

// wall is the time without the steady clock's reading, which does not step.
func wall(now func() time.Time) time.Time { return now().UTC().Round(0) }

func (a *App) run(ctx context.Context, run Run) error {
	ctx, cancel := context.WithTimeout(ctx, TimerLimit)
	defer cancel()
	start := time.Now()
	run.Err = guard(ctx, a.handlers.Timers[run.Timer])
	run.Took = time.Since(start)
	if a.handlers.Ran != nil {
		a.handlers.Ran(ctx, run)
	}
	return run.Err
}

// guard turns a panic into an error: there is no server around a timer that
// would keep the process alive.
func guard(ctx context.Context, timer Timer) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return timer(ctx)
}
