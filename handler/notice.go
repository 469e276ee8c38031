package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/secretsharer/secretsharer/handler/internal/abuse"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// abuseNoticed is the type of the event of a sign that holds nothing.
const abuseNoticed = "secretsharer.abuse.noticed"

// byLink are the operations that a link is enough for.
var byLink = []string{"status", "read", "ack"}

// notice looks for patterns of abuse in a call by link, and acts on them: at most
// with a hold on that one id.
func (a *api) notice(ctx context.Context, operation string, r *http.Request, err error) {
	id, parseErr := secret.ParseID(r.PathValue("id"))
	outcome, tells := outcomeOf(err)
	if parseErr != nil || !tells || !slices.Contains(byLink, operation) {
		return
	}
	sign := a.abuse.Saw(a.client(r), id, outcome)
	switch sign.Action {
	case abuse.HoldID:
		a.holdAbused(ctx, id, sign.Kind)
	case abuse.Report:
		a.watch.noticed(sign.Kind)
		a.service.Publisher.Publish(secret.Event{Type: abuseNoticed, Time: a.now()})
	}
}

// outcomeOf says what a call came to, where its answer tells whether access was
// proved: strangers could have a secret held otherwise. What is held already
// tells nothing new.
func outcomeOf(err error) (outcome abuse.Outcome, tells bool) {
	var (
		wrong  *secret.WrongClaimError
		over   *secret.GoneError
		frozen *secret.FrozenError
	)
	switch {
	case errors.Is(err, secret.ErrNotFound):
		return abuse.Unknown, true
	case errors.As(err, &wrong):
		return abuse.Wrong, true
	case err == nil, errors.As(err, &over), errors.As(err, &frozen):
		return abuse.Other, true
	}
	return 0, false
}

// holdAbused sets one hold an hour, whichever instance notices.
func (a *api) holdAbused(ctx context.Context, id secret.ID, kind string) {
	key := fmt.Sprintf("abuse %s %s", id, a.now().UTC().Format("2006-01-02T15"))
	o, err := a.holds.Quarantine(ctx, quarantine.Request{
		Scope: hold.Scope{Kind: hold.ScopeID, ID: id.String()}, Modes: []hold.Mode{hold.BlockRead},
		Reason: "pattern of abuse: " + kind, Source: quarantine.SourceAbuse,
	}, []byte(key))
	if err != nil {
		a.watch.fault("hold what is abused", err)
		return
	}
	a.watch.noticed(kind)
	a.watch.hold(o.Hold, o.New)
}
