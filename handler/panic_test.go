package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// panicking is a store that panics with value, unless it is nil.
type panicking struct {
	storage
	value any
}

// outOfRange makes the store panic with a runtime error.
type outOfRange struct{}

// in puts the store before the opened one.
func (p *panicking) in(d *deps) {
	p.storage = d.store
	d.store = p
}

func (p *panicking) Peek(ctx context.Context, id header.ID) (*secret.Record, error) {
	switch p.value.(type) {
	case nil:
		return p.storage.Peek(ctx, id)
	case outOfRange:
		var none []byte
		_ = none[len(id)]
	}
	panic(p.value)
}

// A panic is answered, and the next request is served. The log has the place of the
// panic, but neither its value nor the arguments of functions.
func TestPanicIsAnsweredAndLoggedWithoutItsValue(t *testing.T) {
	for want, value := range map[string]any{
		"panic of type string":                                 "a secret",
		"panic of type *secret.GoneError":                      &secret.GoneError{Reason: "a secret"},
		"runtime error: index out of range [20] with length 0": outOfRange{},
		"panic of type struct { text string }":                 struct{ text string }{"a secret"},
	} {
		bug := &panicking{}
		f := startFixture(t, testConfig(t), bug.in)
		s := f.send(terms{})
		bug.value = value
		f.want(s.status(), 503, "unavailable")
		bug.value = nil
		f.want(s.status(), 200, "")

		line := f.line("panic")
		if line["error"] != want || line["operation"] != "status" || line["route"] != "/api/secrets/{id}" || line["level"] != "error" {
			t.Errorf("logged %v, want %s", line, want)
		}
		stack, _ := json.Marshal(line["stack"])
		if !strings.Contains(string(stack), "(*panicking).Peek") || !strings.Contains(string(stack), "panic_test.go:") {
			t.Errorf("the log lacks the place: %s", stack)
		}
		if all := f.log.String(); strings.Contains(all, "a secret") || strings.Contains(all, "0x") || strings.Contains(all, s.id) {
			t.Errorf("the log has too much: %s", all)
		}
	}
}

// line returns the last line of the log with an event.
func (f *fixture) line(event string) map[string]any {
	f.t.Helper()
	var last map[string]any
	for _, line := range f.lines() {
		if line["event"] == event {
			last = line
		}
	}
	if last == nil {
		f.t.Fatalf("no event %s in the log:\n%s", event, f.log)
	}
	return last
}

// lines returns the log.
func (f *fixture) lines() (all []map[string]any) {
	f.t.Helper()
	for text := range strings.Lines(f.log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			f.t.Fatalf("no JSON in the log: %s", text)
		}
		all = append(all, line)
	}
	return all
}
