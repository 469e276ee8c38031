package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/envelope/header"
)

type statusBody struct {
	ID         string `json:"id"`
	State      string `json:"state"`
	ViewsLeft  int    `json:"views_left"`
	ExpiresAt  string `json:"expires_at"`
	Passphrase bool   `json:"passphrase"`
	Header     string `json:"header"`
}

// status says what a holder of the link may know, and costs no view.
func (a *api) status(ctx context.Context, r *http.Request) (answer, error) {
	id, err := pathID(r)
	if err != nil {
		return answer{}, err
	}
	access, err := proof(r, "Secret-Access", false)
	if err != nil {
		return answer{}, err
	}
	s, err := a.service.Status(ctx, id, access)
	if err != nil {
		return answer{}, err
	}
	h, err := header.Parse(s.Header[:])
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, statusBody{
		ID: id.String(), State: string(s.State), ViewsLeft: s.Views, ExpiresAt: stamp(s.Expires),
		Passphrase: h.Passphrase, Header: base64url.EncodeToString(s.Header[:]),
	}}, nil
}
