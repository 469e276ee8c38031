package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/abuse"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// eventAbuseNoticed is the type of the event of a pattern that places no hold.
const eventAbuseNoticed = "secretsharer.abuse.noticed"

// linkOperations are the operations that need nothing but a link.
var linkOperations = []string{"status", "read", "ack"}

// countOutcome counts a request that was answered with p, nil for success: a wrong
// claim for the limit of tries, and any request with a link for the patterns of abuse.
func (s *service) countOutcome(ctx context.Context, operation string, r *http.Request, p *problem) {
	outcome, counts := abuseOutcome(p)
	if !counts {
		return
	}
	client := clientIP(s.cfg, r)
	if outcome == abuse.Wrong {
		s.tries.take(client)
	}
	id, err := header.ParseID(r.PathValue("id"))
	if err != nil || !slices.Contains(linkOperations, operation) {
		return
	}
	switch kind := s.abuse.Observe(client, id, outcome); kind {
	case abuse.KindAddresses:
		s.holdAbused(ctx, id, kind)
	case abuse.KindUnknown, abuse.KindWrong:
		s.tel.AbuseNoticed(kind)
		s.events.Publish(secret.Event{Type: eventAbuseNoticed, Time: s.clock.Now()})
	}
}

// abuseOutcome returns what an answer means to abuse detection. Only answers that show
// whether access was proved count: otherwise strangers could have a secret held.
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

// holdAbused places a hold on one secret. Its key makes it the same hold for an hour,
// even if several instances notice the abuse.
func (s *service) holdAbused(ctx context.Context, id header.ID, kind string) {
	key := fmt.Sprintf("abuse %s %s", id, s.clock.Now().UTC().Format("2006-01-02T15"))
	o, err := s.holds.Quarantine(ctx, quarantine.Request{
		Scope: hold.Scope{Kind: hold.ScopeID, ID: id.String()}, Modes: []hold.Mode{hold.BlockRead},
		Reason: "pattern of abuse: " + kind, Source: hold.SourceAbuse,
	}, []byte(key))
	if err != nil {
		s.tel.Fault("hold an abused secret", err)
		return
	}
	s.tel.AbuseNoticed(kind)
	s.tel.Hold(o.Hold, o.New)
}
