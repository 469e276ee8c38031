package main

import (
	"context"

	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

// timers are the functions that run on a schedule. No caller can reach them.
type timers struct {
	secrets *secret.Service
	holds   *quarantine.Service
	queue   alertQueue                  // nil without Service Bus
	scrub   func(context.Context) error // nil where the store needs none
	tel     *telemetry.Recorder
}

// functions returns the timers by name.
func (t *timers) functions() map[string]host.Timer {
	return map[string]host.Timer{"purge": t.purge, "rotate": t.rotate, "patrol": t.patrol}
}
