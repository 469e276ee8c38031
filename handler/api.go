package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/abuse"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	// requestTime bounds the work on one request, far below the host's time limit.
	requestTime = 45 * time.Second
	// bodyTime bounds how long a body may take to arrive.
	bodyTime = 30 * time.Second
	// floorTime is when a 404 is sent at the earliest, counted from the request,
	// so that a row's size or absence does not show.
	floorTime = 100 * time.Millisecond
)

// api answers the HTTP functions. Safe for concurrent use.
type api struct {
	*Settings
	service *secret.Service
	holds   *quarantine.Service
	abuse   *abuse.Watch
	creates *limiter
	tries   *limiter
	ready   *readiness
	watch   *watch
	now     func() time.Time
	version string

	bodyTime time.Duration                    // how long a body may take to arrive
	wait     func(context.Context, time.Time) // until a 404 may be sent
}

// answer is what a function gives back besides an error: a status, and a body
// that becomes JSON, nil for none.
type answer struct {
	status int
	body   any
}

// function decodes a request, makes one call to the service, and encodes what
// came of it.
type function func(ctx context.Context, r *http.Request) (answer, error)

// functions returns the HTTP functions by their names.
func (a *api) functions() map[string]http.Handler {
	all := map[string]http.Handler{}
	for name, f := range map[string]function{
		"create": a.create, "status": a.status, "read": a.read, "ack": a.ack, "revoke": a.revoke,
		"receipt": a.receipt, "unlock": a.unlock, "config": a.config, "health": a.health,
		"quarantine": a.quarantine, "release": a.release, "holds": a.listHolds,
	} {
		all[name] = a.serve(name, f)
	}
	return all
}

// serve makes a handler of a function: everything around it that is the same for all.
func (a *api) serve(operation string, f function) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := a.watch.begin(operation, r)
		defer call.recovered(w)
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(a.bodyTime))
		got, err := a.admit(ctx, operation, r, f)
		a.notice(ctx, operation, r, err)
		if err != nil {
			p := problemOf(err)
			if p.Status == http.StatusNotFound {
				a.wait(ctx, call.start.Add(floorTime))
			}
			p.write(w)
			call.end(p.Status, err)
			return
		}
		write(w, got)
		call.end(got.status, nil)
	})
}

// admit lets through what may reach the function: where Front Door stands in
// front, only what came by it.
func (a *api) admit(ctx context.Context, operation string, r *http.Request, f function) (answer, error) {
	if operation != "health" && !a.byFrontDoor(r) {
		return answer{}, errForbidden
	}
	return f(ctx, r)
}

func write(w http.ResponseWriter, a answer) {
	setHeaders(w.Header())
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	writeJSON(w, a.status, "application/json", a.body)
}

func writeJSON(w http.ResponseWriter, status int, mediaType string, body any) {
	data, err := json.Marshal(body)
	if err != nil { // only strings, numbers and times are ever encoded
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

func waitUntil(ctx context.Context, t time.Time) {
	_ = clock.Sleep(ctx, time.Until(t))
}

var errForbidden = errors.New("forbidden")

// stamp is a time as the API writes it: RFC 3339 in UTC, to the second.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
