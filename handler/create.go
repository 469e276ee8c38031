package main

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// bodyRest is how many bytes a create's body may have in addition to the envelope.
const bodyRest = 1024

// createLimit is how many bytes a create's body may have.
func createLimit(cfg *config.Config) int64 {
	return int64(base64.RawURLEncoding.EncodedLen(cfg.MaxEnvelope) + bodyRest)
}

// create stores an envelope: 201, or 200 if the same was stored before.
func (s *service) create(ctx context.Context, r *http.Request) (answer, error) {
	if err := s.mayCreate(ctx, r); err != nil {
		return answer{}, err
	}
	body, err := readBody(ctx, r, createLimit(s.cfg))
	if err != nil {
		return answer{}, err
	}
	d, err := decodeDraft(body)
	if err != nil {
		return answer{}, err
	}
	undo, err := s.takeSpace(callerOf(ctx), r, &d)
	if err != nil {
		return answer{}, err
	}
	created, err := s.secrets.Create(ctx, d)
	status := http.StatusCreated
	if !created {
		undo()
		status = http.StatusOK
	}
	if err != nil {
		return answer{}, err
	}
	return answer{status, api.Created{ID: d.Header().ID.String(), ExpiresAt: api.Time(d.Header().Expires)}}, nil
}

func decodeDraft(body []byte) (secret.Draft, error) {
	var d api.Draft
	if err := decodeBody(body, &d); err != nil {
		return secret.Draft{}, err
	}
	return secret.NewDraft(d.Envelope, secret.Hash(d.AccessHash), secret.Hash(d.ClaimHash), secret.Hash(d.ManageHash))
}
