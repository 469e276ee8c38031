package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"

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

const (
	// maxPayload is in bytes, far above a timer's invocation. Its only large part is
	// the exception of the failed run before.
	maxPayload = 1 << 20

	// answer completes an invocation. With an empty body the host would wait until
	// it kills the process.
	answer = `{"Outputs":{},"Logs":[],"ReturnValue":null}`
)

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// InvocationID returns the host's id of the call, a GUID that is the same for all
// retries. It is empty if the header is missing or not a GUID.
func InvocationID(r *http.Request) string {
	return guid.FindString(r.Header.Get("X-Azure-Functions-InvocationId"))
}

// invocation runs a timer for the host. The host retries a run that is not answered
// with 200. It logs failed answers, so they must not contain the error.
func (a *App) invocation(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		pastDue, err := readTimer(http.MaxBytesReader(w, r.Body, maxPayload))
		if err != nil {
			status = http.StatusBadRequest
		} else if a.run(r.Context(), Run{Timer: name, InvocationID: InvocationID(r), PastDue: pastDue}) != nil {
			status = http.StatusInternalServerError
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})
}

// readTimer reads the invocation of a timer and reports whether its run is past due.
func readTimer(body io.Reader) (pastDue bool, err error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return false, fmt.Errorf("read invocation: %w", err)
	}
	value, err := decodeInvocation(data)
	if err != nil {
		return false, err
	}
	var timer *struct{ IsPastDue bool }
	if err := json.Unmarshal(value, &timer); err != nil || timer == nil {
		return false, errors.New("value of the trigger is not a timer")
	}
	return timer.IsPastDue, nil
}

// decodeInvocation returns the value of the trigger, the only member of Data: an
// object or a list as JSON, a string as its text. The host encodes strings twice,
// although its documentation shows them encoded once; both are accepted. Metadata
// is ignored because a message can forge all of it.
func decodeInvocation(data []byte) ([]byte, error) {
	var payload struct{ Data map[string]json.RawMessage }
	if err := json.Unmarshal(data, &payload); err != nil {
		return nil, errors.New("invocation is not a JSON object") // err would quote it
	}
	if len(payload.Data) != 1 {
		return nil, fmt.Errorf("invocation has %d values, want one", len(payload.Data))
	}
	var value []byte
	for _, value = range payload.Data {
	}
	return unquote(unquote(value)), nil
}

// unquote returns the text of a JSON string, and anything else as it is.
func unquote(value []byte) []byte {
	var text string
	if !bytes.HasPrefix(value, []byte(`"`)) || json.Unmarshal(value, &text) != nil {
		return value
	}
	return []byte(text)
}
