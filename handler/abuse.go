package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/abuse"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// eventAbuseNoticed is the type of the event of a pattern that freezes nothing.
const eventAbuseNoticed = "secretsharer.abuse.noticed"

// signRate bounds the responses to each kind of pattern, because strangers can cause
// patterns: freezes, events and log lines have a cost for others.
var signRate = config.Rate{Calls: 10, Per: time.Minute}

// linkOperations are the operations that need nothing but a link.
var linkOperations = []string{"status", "read", "ack"}

// noteOutcome counts a request that was answered with p, nil for success, for the
// patterns of abuse, and responds to the pattern that it completes.
func (s *service) noteOutcome(ctx context.Context, operation string, r *http.Request, c *caller, p *problem) {
	outcome, counts := abuseOutcome(p)
	if !counts || s.cfg.Abuse == (abuse.Limits{}) || !slices.Contains(linkOperations, operation) {
		return
	}
	id, err := header.ParseID(r.PathValue("id"))
	if err != nil {
		return
	}
	sign := s.abuse.Observe(household(c.address()), id, outcome)
	if sign.Kind == "" {
		return
	}
	if s.limits.signs.take(sign.Kind, each(signRate)) > 0 {
		s.tel.AbuseCounted(sign.Kind)
		return
	}
	if sign.Kind == abuse.KindAddresses {
		s.freezeAbused(ctx, id, sign)
		return
	}
	s.tel.AbuseNoticed(sign.Kind)
	s.events.Publish(secret.Event{Type: eventAbuseNoticed, Time: s.clock.Now()})
}

// abuseOutcome returns what an answer means to abuse detection. Only answers that show
// whether access was proved count: otherwise strangers could have a secret frozen.
func abuseOutcome(p *problem) (outcome abuse.Outcome, counts bool) {
	switch {
	case p == nil || p.kind == &gone || p.kind == &frozen:
		return abuse.Other, true
	case p.kind == &notFound:
		return abuse.Unknown, true
	case p.kind == &wrongPassphrase:
		return abuse.Wrong, true
	}
	return 0, false
}

// freezeAbused freezes one secret, unless its sender unlocked it after the uses of its
// link that counted.
func (s *service) freezeAbused(ctx context.Context, id header.ID, sign abuse.Sign) {
	switch frozen, err := s.secrets.Freeze(ctx, id, sign.Since); {
	case errors.Is(err, secret.ErrNotFound):
	case err != nil:
		s.tel.Fault("freeze an abused secret", err)
	case frozen:
		s.tel.AbuseNoticed(sign.Kind)
	}
}
