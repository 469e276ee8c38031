package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/abuse"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

const (
	requestTime = 45 * time.Second // bounds the work on one request, far below the host's limit
	// floorTime is how long after the request a 404 or a 409 is sent at the earliest.
	// The timing of a 404 then does not reveal whether a row exists, or its size, and
	// asking for many ids by create takes as long as asking for them by status.
	floorTime = 100 * time.Millisecond
)

// service answers the HTTP functions. Safe for concurrent use.
type service struct {
	cfg       *config.Config
	secrets   *secret.Service
	holds     *quarantine.Service
	events    secret.Publisher
	adminKeys []config.KeyHash
	abuse     *abuse.Detector
	clients   *clients
	limits    *limits
	ready     *readiness
	tel       *telemetry.Recorder
	clock     clock.Clock
}

// answer is the result of a function: a status, and a body to encode as JSON, nil for none.
type answer struct {
	status int
	body   any
}

var noContent = answer{status: http.StatusNoContent}

// function decodes a request, makes one call to a service, and encodes the result.
type function func(ctx context.Context, r *http.Request) (answer, error)

// functions returns the HTTP functions by name.
func (s *service) functions() map[string]http.Handler {
	all := map[string]http.Handler{}
	for name, f := range map[string]function{
		"create":     s.create,
		"status":     s.aboutSecret(s.status, api.HeaderAccess),
		"read":       s.aboutSecret(s.read, api.HeaderAccess, api.HeaderClaim, api.HeaderIdempotency),
		"ack":        s.aboutSecret(s.ack, api.HeaderAccess, api.HeaderIdempotency),
		"revoke":     s.revokeFunction,
		"receipt":    s.aboutSecret(s.receipt, api.HeaderManage),
		"unlock":     s.aboutSecret(s.unlock, api.HeaderManage, api.HeaderIdempotency),
		"quarantine": s.forOperators(s.quarantine),
		"release":    s.forOperators(s.release),
		"holds":      s.forOperators(s.listHolds),
		"config":     s.config,
		"health":     s.health,
	} {
		all[name] = s.serve(name, f)
	}
	return all
}

// serve returns the handler of a function. It does the work that all functions share:
// deadlines, the check of Front Door, limits, problems, and the log.
func (s *service) serve(operation string, f function) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived := s.clock.Steady()
		call := s.tel.Begin(operation, r)
		defer func() {
			if v := recover(); v != nil {
				p := unavailable.problem()
				p.write(w)
				call.Panicked(v, p.Status)
			}
		}()
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		r = withPacedBody(w, r)
		c := s.newCaller(r)
		defer c.done()
		got, err := s.admit(withCaller(ctx, c), operation, r, f)
		p := classify(err)
		c.answered(p)
		s.noteOutcome(ctx, operation, r, c, p)
		if p == nil {
			call.End(got.status, got.write(w))
			return
		}
		if p.kind == &notFound || p.kind == &conflict {
			_ = s.clock.Sleep(ctx, floorTime-(s.clock.Steady()-arrived))
		}
		p.write(w)
		call.End(p.Status, err)
	})
}

// admit calls the function, unless the request bypassed the configured Front Door.
func (s *service) admit(ctx context.Context, operation string, r *http.Request, f function) (answer, error) {
	if operation != "health" && !viaFrontDoor(s.cfg, r) {
		return answer{}, errForbidden
	}
	return f(ctx, r)
}

// write sends the answer. An error means that it did not arrive completely.
func (a answer) write(w http.ResponseWriter) error {
	setHeaders(w.Header())
	switch body := a.body.(type) {
	case nil:
		w.WriteHeader(a.status)
		return nil
	case *api.Reading:
		return writeReading(w, a.status, body)
	}
	writeJSON(w, a.status, api.MediaJSON, a.body)
	return nil
}

func writeJSON(w http.ResponseWriter, status int, mediaType string, body any) {
	data, err := json.Marshal(body)
	if err != nil { // cannot happen: bodies hold strings, numbers and times
		status, data = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

func setHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}
