package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// outcomeBody is what became of a hold.
type outcomeBody struct {
	Hold      *holdBody `json:"hold"`
	EventSent bool      `json:"event_sent"`
	Reason    string    `json:"reason,omitempty"` // why there is no hold
}

// quarantine sets a hold, for an alert of Defender or at an operator's own
// request: 201, or 200 for one that stands already and where there is none to set.
func (a *api) quarantine(ctx context.Context, r *http.Request) (answer, error) {
	if err := a.mayOperate(r); err != nil {
		return answer{}, err
	}
	body, err := readBody(r, quarantine.MaxAlert)
	if err != nil {
		return answer{}, err
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || members == nil {
		return answer{}, invalidBody("must be a JSON object")
	}
	if _, own := members["scope"]; own {
		return a.request(ctx, r, body)
	}
	alert, err := quarantine.ParseAlert(body)
	if err != nil {
		return answer{}, err
	}
	return a.outcome(a.holds.Alert(ctx, alert))
}

// requestBody is an operator's own request.
type requestBody struct {
	Scope  json.RawMessage `json:"scope"`
	Modes  []hold.Mode     `json:"modes"`
	Until  string          `json:"until"`
	Reason string          `json:"reason"`
	DryRun bool            `json:"dry_run"`
}

func (a *api) request(ctx context.Context, r *http.Request, body []byte) (answer, error) {
	var q requestBody
	if err := decodeStrict(body, &q, "body"); err != nil {
		return answer{}, err
	}
	var scope scopeBody
	if err := decodeStrict(q.Scope, &scope, "scope"); err != nil {
		return answer{}, err
	}
	want := quarantine.Request{Scope: hold.Scope(scope), Modes: q.Modes, Reason: q.Reason}
	if q.DryRun {
		covers, err := a.holds.Covers(ctx, want.Scope)
		return answer{http.StatusOK, map[string]int{"covers": covers}}, err
	}
	var err error
	if q.Until != "" {
		if want.Until, err = time.Parse(time.RFC3339, q.Until); err != nil {
			return answer{}, &secret.InvalidError{Field: "until", Reason: "must be a time such as 2026-11-25T09:00:00Z"}
		}
	}
	var key []byte
	if r.Header.Get("Idempotency-Key") != "" {
		if key, err = idempotencyKey(r); err != nil {
			return answer{}, err
		}
	}
	return a.outcome(a.holds.Quarantine(ctx, want, key))
}

func (a *api) outcome(o quarantine.Outcome, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	status := http.StatusOK
	if o.New {
		status = http.StatusCreated
	}
	body := outcomeBody{EventSent: o.EventSent, Reason: o.Reason}
	if o.Hold != nil {
		a.watch.hold(o.Hold, o.New)
		body.Hold = holdBodyOf(o.Hold)
	}
	return answer{status, body}, nil
}

// decodeStrict reads one JSON value of exactly the members of to. Its error names
// the member that is wrong, below field.
func decodeStrict(data []byte, to any, field string) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(to)
	if err == nil && !d.More() {
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return &secret.InvalidError{Field: wrong.Field, Reason: "is of another type"}
	}
	return &secret.InvalidError{Field: field, Reason: "is damaged, or has an unknown member"}
}
