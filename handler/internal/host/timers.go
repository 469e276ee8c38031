package host

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
)

const (
	// TimerLimit is the longest that a run may take. It is well below
	// functionTimeout in host.json, after which the host kills the process.
	TimerLimit = time.Minute

	// recheck is how often RunTimers reads the wall clock, which may be set, or
	// advance while the machine sleeps.
	recheck = time.Minute
)

// RunTimers runs every timer at once and then on the schedule of its manifest, in
// UTC, until ctx is done. It returns when all runs have ended. now is the wall
// clock. Runs of one timer never overlap. One run catches up on all those that
// were due before the start, during a run or while the machine slept.
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
	_ = a.run(ctx, Run{Timer: f.Name, PastDue: true}) // the error is reported to Ran
	for seen := wall(now); ctx.Err() == nil; {
		if t := wall(now); t.Before(seen) {
			seen = t // the clock was set back: follow it
		}
		next := f.Timer.schedule.Next(seen)
		if left := next.Sub(wall(now)); left > 0 {
			_ = clock.Sleep(ctx, min(left, recheck))
			continue
		}
		_ = a.run(ctx, Run{Timer: f.Name})
		seen = wall(now)
	}
}

// wall returns the wall clock without its monotonic reading, which cannot be set.
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

// guard turns a panic into an error. No server around a timer would recover it.
func guard(ctx context.Context, timer Timer) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return timer(ctx)
}

// A field is a list of *, numbers and ranges; * and ranges may have a step.
// A number with a step is refused: NCRONTAB and cron disagree on a step of one.
const (
	element = `(\*(/[0-9]+)?|[0-9]+(-[0-9]+(/[0-9]+)?)?)`
	field   = element + `(,` + element + `)*`
)

var (
	scheduleForm   = regexp.MustCompile(`^` + field + `( ` + field + `){5}$`)
	scheduleParser = cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
)

// parseSchedule reads an NCRONTAB expression: six fields, seconds first. It accepts
// only what means the same in cron. If both days are restricted, NCRONTAB wants
// both to match and cron either.
func parseSchedule(text string) (cron.Schedule, error) {
	if !scheduleForm.MatchString(text) {
		return nil, fmt.Errorf("schedule %q is not six fields of *, numbers and ranges, in lists and with steps", text)
	}
	if fields := strings.Fields(text); fields[3] != "*" && fields[5] != "*" {
		return nil, fmt.Errorf("schedule %q restricts both the day of the month and of the week", text)
	}
	schedule, err := scheduleParser.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	if schedule.Next(time.Unix(0, 0).UTC()).IsZero() {
		return nil, fmt.Errorf("schedule %q never occurs", text)
	}
	return schedule, nil
}
