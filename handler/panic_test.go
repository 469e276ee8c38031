package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// panicking is a store with a bug.
type panicking struct {
	secret.Store
	with any
}

func (p panicking) Peek(_ context.Context, id secret.ID) (*secret.Record, error) {
	if p.with == nil {
		var none []byte
		_ = none[len(id)]
	}
	panic(p.with)
}

// A function that panics is answered for, and the next call is served. The log
// says where, but neither what the panic held nor what the functions were given.
func TestAPanicIsAnsweredAndLoggedWithoutItsValue(t *testing.T) {
	for want, value := range map[string]any{
		"panic of type string":                                 "the letter of the king",
		"panic of type *secret.GoneError":                      &secret.GoneError{Reason: "the letter of the king"},
		"runtime error: index out of range [20] with length 0": nil,
		"panic of type struct { letter string }":               struct{ letter string }{"the letter of the king"},
	} {
		w := newWorld(t)
		s := w.send(terms{})
		store := w.service.Store
		w.service.Store = panicking{store, value}
		w.want(s.status(), 503, "unavailable")
		w.service.Store = store
		w.want(s.status(), 200, "")

		line := w.line("panic")
		if line["error"] != want || line["operation"] != "status" || line["route"] != "/api/secrets/{id}" || line["level"] != "error" {
			t.Errorf("logged %v, want %s", line, want)
		}
		stack, _ := json.Marshal(line["stack"])
		if !strings.Contains(string(stack), "panicking.Peek") || !strings.Contains(string(stack), "panic_test.go:") {
			t.Errorf("the log does not say where: %s", stack)
		}
		if all := w.log.String(); strings.Contains(all, "letter of") || strings.Contains(all, "0x") || strings.Contains(all, s.id) {
			t.Errorf("the log says too much: %s", all)
		}
	}
}

// line returns the last line of the log with an event.
func (w *world) line(event string) map[string]any {
	w.t.Helper()
	var last map[string]any
	for _, line := range w.lines() {
		if line["event"] == event {
			last = line
		}
	}
	if last == nil {
		w.t.Fatalf("no event %s in the log:\n%s", event, w.log)
	}
	return last
}

// lines returns the log.
func (w *world) lines() (all []map[string]any) {
	w.t.Helper()
	for text := range strings.Lines(w.log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			w.t.Fatalf("no JSON in the log: %s", text)
		}
		all = append(all, line)
	}
	return all
}
