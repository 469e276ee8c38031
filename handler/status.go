package main

import (
	"context"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
)

// status returns what the holder of a link may know before reading. It costs no view.
func (s *service) status(ctx context.Context, r *secretRequest) (answer, error) {
	got, err := s.secrets.Status(ctx, r.id, r.proofs.Access)
	if err != nil {
		return answer{}, err
	}
	head := got.Header.Bytes()
	return answer{http.StatusOK, api.Status{
		ID: r.id.String(), State: string(got.State), Reason: string(got.Reason), ViewsLeft: got.Views, ExpiresAt: api.Time(got.Header.Expires),
		Passphrase: got.Header.Passphrase, Header: head[:],
	}}, nil
}
