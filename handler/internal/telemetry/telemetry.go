// Package telemetry writes the log and counts the metrics.
//
// It records operations, routes, statuses and errors, and never what a caller
// sent: no proof, key, link, envelope or client address, and of an id only the
// first 8 characters. docs/operations.md lists the log events with their fields,
// and the metrics.
package telemetry

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
	"github.com/secretsharer/secretsharer/handler/internal/keycheck"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Recorder writes the log and counts the metrics of one process. Safe for
// concurrent use.
type Recorder struct {
	log     zerolog.Logger
	metrics *metricSet
}

// zerolog has one time format for the whole process.
func init() { zerolog.TimeFieldFormat = time.RFC3339Nano }

// New returns a recorder that writes JSON lines of at least the given level to out.
func New(out io.Writer, level zerolog.Level) *Recorder {
	return &Recorder{log: zerolog.New(zerolog.SyncWriter(out)).Level(level).With().Timestamp().Logger(), metrics: newMetricSet()}
}

// Metrics answers GET /metrics in Prometheus' text format, and every other request with 404.
func (r *Recorder) Metrics() http.Handler { return r.metrics }

// Gauge adds a metric whose value is read for each GET of the metrics, concurrently.
func (r *Recorder) Gauge(name string, value func() float64) { r.metrics.set.NewGauge(name, value) }

// Call records one request.
type Call struct {
	*Recorder
	start      time.Time
	operation  string
	route      string // the pattern, never the path
	invocation string
}

// Begin records the start of a request.
func (r *Recorder) Begin(operation string, request *http.Request) *Call {
	return &Call{Recorder: r, start: time.Now(), operation: operation, route: request.Pattern, invocation: host.InvocationID(request)}
}

// End records the answer of a request and the error behind it, nil for none.
// A status of 500 and above is logged at level warn, and a missing or damaged key at level error.
func (c *Call) End(status int, err error) {
	took := time.Since(c.start)
	c.metrics.request(c.operation, status, took)
	level := zerolog.InfoLevel
	switch {
	case keycheck.Lacks(err):
		level = zerolog.ErrorLevel
	case status >= http.StatusInternalServerError:
		level = zerolog.WarnLevel
	case c.operation == "health":
		level = zerolog.DebugLevel
	}
	if level < c.log.GetLevel() {
		return // WithLevel ignores the logger's level
	}
	e := c.log.WithLevel(level).Str("event", "request").Str("operation", c.operation).Str("route", c.route).
		Int("status", status).Int64("duration_ms", took.Milliseconds())
	if c.invocation != "" {
		e = e.Str("invocation_id", c.invocation)
	}
	if err != nil {
		e = e.Str("error", redact(err))
	}
	e.Msg(c.operation)
}

// Panicked records a panic with the value v that was answered with the status.
// It logs the stack and the type of v, but not v, which may hold a secret. Call it
// in the deferred function that recovered v.
func (c *Call) Panicked(v any, status int) {
	text := fmt.Sprintf("panic of type %T", v)
	if err, is := v.(runtime.Error); is {
		text = redact(err)
	}
	c.metrics.request(c.operation, status, time.Since(c.start))
	c.log.Error().Str("event", "panic").Str("operation", c.operation).Str("route", c.route).
		Str("error", text).Strs("stack", panicStack()).Msg("recovered")
}

// panicStack returns the functions and lines of a recovered panic. debug.Stack
// would also write arguments, which include ids and hashes.
func panicStack() (stack []string) {
	const skip = 4 // Callers, panicStack, Panicked and the deferred function
	var counters [32]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(skip, counters[:])])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		stack = append(stack, fmt.Sprintf("%s %s:%d", f.Function, f.File, f.Line))
	}
	return stack
}

// TimerRan records one run of a timer.
func (r *Recorder) TimerRan(_ context.Context, run host.Run) {
	r.metrics.timer(run.Timer, run.Err)
	e := r.log.Info()
	if run.Err != nil {
		e = r.log.Error().Str("error", redact(run.Err))
	}
	if run.InvocationID != "" {
		e = e.Str("invocation_id", run.InvocationID)
	}
	e.Str("event", "timer").Str("operation", run.Timer).Int64("duration_ms", run.Took.Milliseconds()).Bool("past_due", run.PastDue).Msg(run.Timer)
}

// Purged records the result of a purge.
func (r *Recorder) Purged(p secret.Purged) {
	r.metrics.purged(p)
	r.log.Info().Str("event", "purged").Int("cleared", p.Cleared).Int("deleted", p.Deleted).
		Int("left", p.Left).Int64("behind_seconds", int64(p.Behind/time.Second)).Msg("purge")
}

// Rotated records the result of a rotation of the sealing keys.
func (r *Recorder) Rotated(p secret.Rotated) {
	r.log.Info().Str("event", "rotated").Int("made", p.Made).Int("disabled", p.Disabled).Int("deleted", p.Deleted).Msg("rotate")
}

// Pruned records how many past holds were deleted.
func (r *Recorder) Pruned(deleted int) {
	r.log.Info().Str("event", "pruned").Int("deleted", deleted).Msg("prune holds")
}

// Hold records a hold that was placed, found in place, released, or has expired.
func (r *Recorder) Hold(h *hold.Hold, placed bool) {
	r.log.Warn().Str("event", "hold").Str("hold", h.ID).Str("scope", string(h.Scope.Kind)).Str("source", h.Source).
		Time("until", h.Until).Bool("new", placed).Bool("released", !h.ReleasedAt.IsZero()).Msg("quarantine")
}

// AbuseNoticed records a pattern of abuse, without the client that showed it.
func (r *Recorder) AbuseNoticed(kind string) {
	r.AbuseCounted(kind)
	r.log.Warn().Str("event", "abuse").Str("kind", kind).Msg("a pattern of abuse")
}

// AbuseCounted counts a pattern of abuse, and logs nothing.
func (r *Recorder) AbuseCounted(kind string) { r.metrics.abuse(kind) }

// ClientUnknown records why client addresses are not known.
func (r *Recorder) ClientUnknown(reason string) {
	r.log.Warn().Str("event", "client").Str("reason", reason).Msg("limits may count several clients as one")
}

// AlertsDrained records how many queued alerts were applied, refused and left in the queue.
func (r *Recorder) AlertsDrained(applied, refused, left int) {
	if applied == 0 && refused == 0 && left == 0 {
		return // the timer runs every minute
	}
	r.log.Info().Str("event", "drained").Int("applied", applied).Int("refused", refused).Int("left", left).Msg("patrol")
}

// Fault records an error outside of any request.
func (r *Recorder) Fault(message string, err error) {
	r.log.Error().Str("event", "fault").Str("error", redact(err)).Msg(message)
}

// GroupAccess records that the group of the data directory has access to it.
func (r *Recorder) GroupAccess(dir string) {
	r.log.Warn().Str("event", "modes").Str("path", dir).Msg("SSS_DATA_MODES=group: the group of these files can read and change them")
}

// BackedUp records a backup of a store's file of that many bytes.
func (r *Recorder) BackedUp(bytes int64, err error) {
	if err != nil {
		r.Fault("a backup failed", err)
		return
	}
	r.log.Info().Str("event", "backup").Int64("bytes", bytes).Msg("backup")
}

// RoomState says what the embedded store takes.
type RoomState int32

// The states, and the zero value.
const (
	Roomy  RoomState = iota // every secret
	Scarce                  // only secrets that are small and soon over
	Full                    // none
)

// Room records that the room of the embedded store has changed its state.
func (r *Recorder) Room(state RoomState, left, all int64) {
	e, text := r.log.Info(), "the store has room again"
	switch state {
	case Scarce:
		e, text = r.log.Warn(), "the store is nearly full: it takes only secrets of at most 16 KiB and 24 hours"
	case Full:
		e, text = r.log.Error(), "the store is full: creates are refused until secrets are over, or the limit or the disk is larger"
	}
	e.Str("event", "room").Int64("left", left).Int64("all", all).Msg(text)
}
