package main

import (
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// holdBody is a hold in an answer.
type holdBody struct {
	ID            string      `json:"id"`
	Scope         scopeBody   `json:"scope"`
	Modes         []hold.Mode `json:"modes"`
	Until         time.Time   `json:"until"`
	Reason        string      `json:"reason"`
	Source        string      `json:"source"`
	Alert         string      `json:"alert,omitempty"`
	CreatedAt     time.Time   `json:"created_at"`
	ReleasedAt    time.Time   `json:"released_at,omitzero"`
	ReleaseReason string      `json:"release_reason,omitempty"`
}

// scopeBody is a scope in requests and answers.
type scopeBody struct {
	Kind    hold.Kind `json:"kind"`
	Week    week.Week `json:"week,omitempty"`
	Name    string    `json:"name,omitempty"`
	Version string    `json:"version,omitempty"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
	Prefix  string    `json:"prefix,omitempty"`
	ID      string    `json:"id,omitempty"`
}

func holdBodyOf(h *hold.Hold) *holdBody {
	return &holdBody{
		ID: h.ID, Scope: scopeBody(h.Scope), Modes: h.Modes, Until: h.Until, Reason: h.Reason, Source: h.Source, Alert: h.Alert,
		CreatedAt: h.CreatedAt, ReleasedAt: h.ReleasedAt, ReleaseReason: h.ReleaseReason,
	}
}

// holdBodies returns an empty list for no holds, never null.
func holdBodies(holds []hold.Hold) []*holdBody {
	bodies := make([]*holdBody, len(holds))
	for i := range holds {
		bodies[i] = holdBodyOf(&holds[i])
	}
	return bodies
}
