package main

import (
	"context"
	"net/http"
)

type receiptBody struct {
	ID        string         `json:"id"`
	State     string         `json:"state"`
	CreatedAt string         `json:"created_at"`
	ExpiresAt string         `json:"expires_at"`
	ViewsLeft int            `json:"views_left"`
	Events    []receiptEvent `json:"events"`
}

type receiptEvent struct {
	Event string `json:"event"`
	At    string `json:"at"`
	Held  bool   `json:"held,omitempty"`
}

// receipt tells the sender what became of a secret.
func (a *api) receipt(ctx context.Context, r *http.Request) (answer, error) {
	id, err := pathID(r)
	if err != nil {
		return answer{}, err
	}
	manage, err := proof(r, "Secret-Manage", false)
	if err != nil {
		return answer{}, err
	}
	got, err := a.service.Receipt(ctx, id, manage)
	if err != nil {
		return answer{}, err
	}
	body := receiptBody{
		ID: id.String(), State: string(got.State), CreatedAt: stamp(got.Created), ExpiresAt: stamp(got.Expires), ViewsLeft: got.Views,
	}
	for _, e := range got.Events {
		body.Events = append(body.Events, receiptEvent{e.Event, stamp(e.At), e.Held})
	}
	return answer{http.StatusOK, body}, nil
}
