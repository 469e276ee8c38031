package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/strictjson"
)

const (
	proofSize = 32 // bytes
	minKey    = 16 // bytes of an Idempotency-Key
	maxKey    = 64
)

// secretRequest is a decoded request about one secret.
type secretRequest struct {
	id     header.ID
	proofs secret.Proofs
	key    []byte // the Idempotency-Key
	caller *caller
}

// aboutSecret returns a function that decodes a request about one secret and calls f
// with it. It checks the id in the path, then the given headers in their order. A
// malformed id is not found.
func (s *service) aboutSecret(f func(context.Context, *secretRequest) (answer, error), headers ...string) function {
	return func(ctx context.Context, r *http.Request) (answer, error) {
		id, err := header.ParseID(r.PathValue("id"))
		if err != nil {
			return answer{}, secret.ErrNotFound
		}
		req := &secretRequest{id: id, caller: callerOf(ctx)}
		for _, name := range headers {
			if err := req.read(r, name); err != nil {
				return answer{}, err
			}
		}
		return f(ctx, req)
	}
}

// read decodes a header.
func (s *secretRequest) read(r *http.Request, name string) (err error) {
	switch name {
	case api.HeaderAccess:
		s.proofs.Access, err = proof(r, name)
	case api.HeaderClaim:
		s.proofs.Claim, err = proof(r, name)
	case api.HeaderManage:
		s.proofs.Manage, err = proof(r, name)
	case api.HeaderIdempotency:
		s.key, err = idempotencyKey(r)
	}
	return err
}

// proof returns the 32 bytes of a proof's header.
func proof(r *http.Request, name string) ([]byte, error) {
	values := r.Header.Values(name)
	switch len(values) {
	case 0:
		return nil, &missingProofError{name}
	case 1:
	default:
		return nil, &secret.InvalidError{Field: name, Reason: "is duplicated"}
	}
	value, err := api.Decode(values[0])
	if err != nil || len(value) != proofSize {
		return nil, &secret.InvalidError{Field: name, Reason: "must be 43 characters of base64url"}
	}
	return value, nil
}

// idempotencyKey returns the bytes of the Idempotency-Key header.
func idempotencyKey(r *http.Request) ([]byte, error) {
	values := r.Header.Values(api.HeaderIdempotency)
	if len(values) != 1 {
		return nil, &secret.InvalidError{Field: api.HeaderIdempotency, Reason: "must be sent once"}
	}
	key, err := api.Decode(values[0])
	if err != nil || len(key) < minKey || len(key) > maxKey {
		return nil, &secret.InvalidError{Field: api.HeaderIdempotency, Reason: "must be 16 to 64 bytes in base64url"}
	}
	return key, nil
}

// queryValue returns a parameter of the query, empty if it is missing.
func queryValue(r *http.Request, name string) (string, error) {
	switch values := r.URL.Query()[name]; len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	}
	return "", &secret.InvalidError{Field: name, Reason: "is duplicated"}
}

// readBody returns a JSON body of at most limit bytes, for which it first waits for
// memory. It refuses a larger one without reading it, if the length is announced.
func readBody(ctx context.Context, r *http.Request, limit int64) ([]byte, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != api.MediaJSON {
		return nil, errMediaType
	}
	if r.ContentLength > limit {
		return nil, errBodyLarge
	}
	expected := r.ContentLength
	if expected < 0 {
		expected = limit
	}
	if err := callerOf(ctx).hold(ctx, expected); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if r.ContentLength > 0 {
		body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(r.Body, limit+1))
	switch {
	case err != nil:
		return nil, &secret.InvalidError{Field: "body", Reason: "did not arrive completely and in time"}
	case int64(body.Len()) > limit:
		return nil, errBodyLarge
	}
	return body.Bytes(), nil
}

// decodeBody decodes a body that must be exactly what to describes.
func decodeBody(body []byte, to any) error {
	err := strictjson.Decode(body, to)
	var invalid *strictjson.Error
	if !errors.As(err, &invalid) {
		return err
	}
	if invalid.Field == "" {
		return &secret.InvalidError{Field: "body", Reason: invalid.Reason}
	}
	return &secret.InvalidError{Field: invalid.Field, Reason: invalid.Reason}
}
