package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
)

// receipt returns the history of a secret to its sender.
func (s *service) receipt(ctx context.Context, r *secretRequest) (answer, error) {
	got, err := s.secrets.Receipt(ctx, r.id, r.proofs.Manage)
	if err != nil {
		return answer{}, err
	}
	body := api.Receipt{
		ID: r.id.String(), State: string(got.State), Reason: string(got.Reason), CreatedAt: api.Time(got.Created), ExpiresAt: api.Time(got.Expires),
		ViewsLeft: got.Views, UnlocksLeft: got.UnlocksLeft,
	}
	for _, e := range got.Events {
		body.Events = append(body.Events, api.ReceiptEvent{Event: e.Event, At: api.Time(e.At), Held: e.Held})
	}
	return answer{http.StatusOK, body}, nil
}
