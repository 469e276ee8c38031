package main

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// bodyRest is what a create's body holds besides the envelope, in bytes, with room for white space.
const bodyRest = 1024

// create stores an envelope: 201, or 200 for one that stands already.
func (a *api) create(ctx context.Context, r *http.Request) (answer, error) {
	if err := a.mayCreate(r); err != nil {
		return answer{}, err
	}
	body, err := readBody(r, int64(base64.RawURLEncoding.EncodedLen(a.MaxEnvelope)+bodyRest))
	if err != nil {
		return answer{}, err
	}
	d, err := decodeDraft(body)
	if err != nil {
		return answer{}, err
	}
	created, err := a.service.Create(ctx, d)
	if err != nil {
		return answer{}, err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return answer{status, map[string]string{"id": d.ID.String(), "expires_at": stamp(d.Expires)}}, nil
}

// mayCreate holds the policy of who may create, and how often.
func (a *api) mayCreate(r *http.Request) error {
	if !a.creates.take(a.client(r)) {
		return errRateLimited
	}
	switch a.Create {
	case createKey:
		return checkKey(r, "Secret-Create", a.CreateKeys)
	case createEntra:
		_, err := a.principal(r)
		return err
	}
	return nil
}

// checkKey compares the header with every key's hash, in constant time.
func checkKey(r *http.Request, name string, keys []KeyHash) error {
	values := r.Header.Values(name)
	switch {
	case len(values) == 0 || values[0] == "":
		return &missingProofError{name}
	case len(values) > 1:
		return &secret.InvalidError{Field: name, Reason: "stands twice"}
	}
	sum, found := hashKey(values[0]), 0
	for _, k := range keys {
		found |= subtle.ConstantTimeCompare(k[:], sum[:])
	}
	if found != 1 {
		return errForbidden
	}
	return nil
}

// decodeDraft reads the body of a create.
func decodeDraft(body []byte) (d secret.Draft, err error) {
	values, err := decodeStrings(body, "envelope", "access_hash", "claim_hash", "manage_hash")
	if err != nil {
		return d, err
	}
	for _, field := range []struct {
		name string
		to   *secret.Hash
	}{{"access_hash", &d.Access}, {"claim_hash", &d.Claim}, {"manage_hash", &d.Manage}} {
		hash, err := decode(values[field.name])
		if err != nil || len(hash) != len(field.to) {
			return d, &secret.InvalidError{Field: field.name, Reason: "must be 43 characters of base64url"}
		}
		copy(field.to[:], hash)
	}
	if d.Envelope, err = decode(values["envelope"]); err != nil {
		return d, &secret.InvalidError{Field: "envelope", Reason: "must be base64url without padding"}
	}
	return d, decodeHeader(&d)
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
	d.ID, d.Expires, d.Views, d.Passphrase = h.ID, h.Expires, h.Views, h.Passphrase
	return nil
}
