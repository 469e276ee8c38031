package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"time"

	"github.com/rs/zerolog"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// watch writes the log and counts. It is told of operations, routes, statuses
// and errors, never of what was sent. Safe for concurrent use.
type watch struct {
	log   zerolog.Logger
	meter *meter
}

// call is one request under way.
type call struct {
	*watch
	start      time.Time
	operation  string
	route      string // the pattern, never the path
	invocation string
}

func (w *watch) begin(operation string, r *http.Request) *call {
	return &call{watch: w, start: time.Now(), operation: operation, route: r.Pattern, invocation: host.InvocationID(r)}
}

// end writes the request's line: at warn where it is the service's fault.
func (c *call) end(status int, err error) {
	took := time.Since(c.start)
	c.meter.request(c.operation, status, took)
	level := zerolog.InfoLevel
	switch {
	case status >= http.StatusInternalServerError:
		level = zerolog.WarnLevel
	case c.operation == "health":
		level = zerolog.DebugLevel
	}
	if level < c.log.GetLevel() {
		return // WithLevel writes at any level
	}
	e := c.log.WithLevel(level).Str("event", "request").Str("operation", c.operation).Str("route", c.route).
		Int("status", status).Int64("duration_ms", took.Milliseconds())
	if c.invocation != "" {
		e = e.Str("invocation_id", c.invocation)
	}
	if err != nil {
		e = e.Str("error", safeText(err))
	}
	e.Msg(c.operation)
}

// recovered answers in place of a function that panicked, and writes what the
// panic left, without its value, which could hold anything.
func (c *call) recovered(w http.ResponseWriter) {
	v := recover()
	if v == nil {
		return
	}
	unavailable.problem().write(w)
	text := fmt.Sprintf("panic of type %T", v)
	if err, is := v.(runtime.Error); is {
		text = safeText(err)
	}
	c.meter.request(c.operation, http.StatusServiceUnavailable, time.Since(c.start))
	c.log.Error().Str("event", "panic").Str("operation", c.operation).Str("route", c.route).
		Str("error", text).Strs("stack", frames()).Msg("recovered")
}

// frames says where a recovered panic began: functions and lines, without the
// arguments that debug.Stack would write, among which are ids and hashes.
func frames() (all []string) {
	var counters [32]uintptr
	next := runtime.CallersFrames(counters[:runtime.Callers(3, counters[:])]) // past Callers, frames and recovered
	for more := true; more; {
		var f runtime.Frame
		f, more = next.Next()
		all = append(all, fmt.Sprintf("%s %s:%d", f.Function, f.File, f.Line))
	}
	return all
}

// ran writes the line of a timer's run.
func (w *watch) ran(_ context.Context, r host.Run) {
	w.meter.timer(r.Timer, r.Err)
	e := w.log.Info()
	if r.Err != nil {
		e = w.log.Error().Str("error", safeText(r.Err))
	}
	if r.InvocationID != "" {
		e = e.Str("invocation_id", r.InvocationID)
	}
	e.Str("event", "timer").Str("operation", r.Timer).Int64("duration_ms", r.Took.Milliseconds()).Bool("past_due", r.PastDue).Msg(r.Timer)
}

func (w *watch) purged(p secret.Purged) {
	w.meter.purged(p)
	w.log.Info().Str("event", "purged").Int("cleared", p.Cleared).Int("deleted", p.Deleted).
		Int("left", p.Left).Int64("behind_seconds", seconds(p.Behind)).Msg("purge")
}

func (w *watch) rotated(r secret.Rotated) {
	w.log.Info().Str("event", "rotated").Int("made", r.Made).Int("disabled", r.Disabled).Int("deleted", r.Deleted).Msg("rotate")
}

// hold writes what became of a hold: set, or found standing, or lifted.
func (w *watch) hold(h *hold.Hold, isNew bool) {
	w.log.Warn().Str("event", "hold").Str("hold", h.ID).Str("scope", string(h.Scope.Kind)).Str("source", h.Source).
		Time("until", h.Until).Bool("new", isNew).Bool("released", !h.ReleasedAt.IsZero()).Msg("quarantine")
}

// noticed writes that calls showed a pattern of abuse, and not whose.
func (w *watch) noticed(kind string) {
	w.log.Warn().Str("event", "abuse").Str("kind", kind).Msg("a pattern of abuse")
}

func (w *watch) swept(s quarantine.Swept) {
	for i := range s.Ended {
		w.hold(&s.Ended[i], false)
	}
}

func (w *watch) drained(d quarantine.Drained) {
	if d == (quarantine.Drained{}) {
		return // every minute
	}
	w.log.Info().Str("event", "drained").Int("applied", d.Applied).Int("refused", d.Refused).Int("left", d.Left).Msg("patrol")
}

// fault writes what went wrong outside of any request.
func (w *watch) fault(what string, err error) {
	w.log.Error().Str("event", "fault").Str("error", safeText(err)).Msg(what)
}

// The format is the library's for the whole process, so it is set before anything runs.
func init() { zerolog.TimeFieldFormat = time.RFC3339Nano }

func newWatch(out io.Writer, level zerolog.Level) *watch {
	return &watch{log: zerolog.New(zerolog.SyncWriter(out)).Level(level).With().Timestamp().Logger(), meter: newMeter()}
}
