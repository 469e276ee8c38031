package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// quarantine places a hold, for an alert of Defender or an operator's own request: 201,
// or 200 if the hold is already in place or none is needed.
func (s *service) quarantine(ctx context.Context, r *http.Request) (answer, error) {
	body, err := readBody(ctx, r, quarantine.MaxAlert)
	if err != nil {
		return answer{}, err
	}
	outcome, err := s.holds.Alert(ctx, body)
	if errors.Is(err, quarantine.ErrOwnRequest) {
		return s.placeHold(ctx, r, body)
	}
	return s.holdAnswer(outcome, err)
}

// placeHold places the hold of an operator's own request.
func (s *service) placeHold(ctx context.Context, r *http.Request, body []byte) (answer, error) {
	var req api.HoldRequest
	if err := decodeBody(body, &req); err != nil {
		return answer{}, err
	}
	if req.DryRun {
		covers, more, err := s.holds.Covers(ctx, scopeOf(req.Scope))
		return answer{http.StatusOK, api.Covers{Covers: covers, More: more}}, err
	}
	var key []byte
	if r.Header.Get(api.HeaderIdempotency) != "" {
		var err error
		if key, err = idempotencyKey(r); err != nil {
			return answer{}, err
		}
	}
	want := quarantine.Request{Scope: scopeOf(req.Scope), Until: req.Until, Reason: req.Reason}
	for _, m := range req.Modes {
		want.Modes = append(want.Modes, hold.Mode(m))
	}
	return s.holdAnswer(s.holds.Quarantine(ctx, want, key))
}

func (s *service) holdAnswer(o quarantine.Outcome, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	body := api.Outcome{EventSent: o.EventSent, Reason: o.Reason}
	if o.Hold != nil {
		s.tel.Hold(o.Hold, o.New)
		h := holdBody(o.Hold)
		body.Hold = &h
	}
	status := http.StatusOK
	if o.New {
		status = http.StatusCreated
	}
	return answer{status, body}, nil
}

func scopeOf(s api.Scope) hold.Scope {
	return hold.Scope{
		Kind: hold.Kind(s.Kind), Week: week.Week(s.Week), Name: s.Name, Version: s.Version, From: s.From, To: s.To, Prefix: s.Prefix, ID: s.ID,
	}
}

func holdBody(h *hold.Hold) api.Hold {
	body := api.Hold{
		ID: h.ID, Modes: []string{}, Until: api.Time(h.Until), Reason: h.Reason, Source: h.Source, Alert: h.Alert,
		CreatedAt: api.Time(h.CreatedAt), ReleasedAt: api.Time(h.ReleasedAt), ReleaseReason: h.ReleaseReason,
		Scope: api.Scope{
			Kind: string(h.Scope.Kind), Week: string(h.Scope.Week), Name: h.Scope.Name, Version: h.Scope.Version,
			From: h.Scope.From, To: h.Scope.To, Prefix: h.Scope.Prefix, ID: h.Scope.ID,
		},
	}
	for _, m := range h.Modes {
		body.Modes = append(body.Modes, string(m))
	}
	return body
}
