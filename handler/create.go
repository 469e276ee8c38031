package main

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// bodyRest is the room in a create's body for all but the envelope, in bytes.
const bodyRest = 1024

// create stores an envelope: 201, or 200 if the same was stored before.
func (s *service) create(ctx context.Context, r *http.Request) (answer, error) {
	if err := s.mayCreate(r); err != nil {
		return answer{}, err
	}
	body, err := readBody(r, int64(base64.RawURLEncoding.EncodedLen(s.cfg.MaxEnvelope)+bodyRest))
	if err != nil {
		return answer{}, err
	}
	d, err := decodeDraft(body)
	if err != nil {
		return answer{}, err
	}
	created, err := s.secrets.Create(ctx, d)
	if err != nil {
		return answer{}, err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return answer{status, api.Created{ID: d.ID.String(), ExpiresAt: api.Time(d.Expires)}}, nil
}

func decodeDraft(body []byte) (secret.Draft, error) {
	var d api.Draft
	if err := decodeBody(body, &d); err != nil {
		return secret.Draft{}, err
	}
	draft := secret.Draft{Envelope: d.Envelope, Access: secret.Hash(d.AccessHash), Claim: secret.Hash(d.ClaimHash), Manage: secret.Hash(d.ManageHash)}
	return draft, decodeHeader(&draft)
}

// decodeHeader takes the draft's other fields from the clear header of its envelope.
func decodeHeader(d *secret.Draft) error {
	h, err := header.Parse(d.Envelope)
	if err == nil {
		err = header.CheckSize(int64(len(d.Envelope)))
	}
	var field *header.FieldError
	if errors.As(err, &field) {
		return &secret.InvalidError{Field: field.Field, Reason: field.Reason}
	}
	if err != nil {
		return &secret.InvalidError{Field: "envelope", Reason: "has no header"}
	}
	copy(d.Header[:], d.Envelope)
	d.ID, d.Expires, d.Views, d.Passphrase = secret.ID(h.ID), h.Expires, h.Views, h.Passphrase
	return nil
}
