package main

import (
	"bytes"
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

// secretRequest is what a request about one secret carries.
type secretRequest struct {
	id     header.ID
	proofs secret.Proofs
	key    []byte // the Idempotency-Key
}

// parseSecretRequest reads the id of the path, and then the headers in the order
// given. All of them are required. A malformed id is not found.
func parseSecretRequest(r *http.Request, headers ...string) (s secretRequest, err error) {
	if s.id, err = header.ParseID(r.PathValue("id")); err != nil {
		return s, secret.ErrNotFound
	}
	for _, header := range headers {
		switch header {
		case api.HeaderAccess:
			s.proofs.Access, err = proof(r, header)
		case api.HeaderClaim:
			s.proofs.Claim, err = proof(r, header)
		case api.HeaderManage:
			s.proofs.Manage, err = proof(r, header)
		case api.HeaderIdempotency:
			s.key, err = idempotencyKey(r)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

// proof returns the 32 bytes of a proof's header.
func proof(r *http.Request, header string) ([]byte, error) {
	values := r.Header.Values(header)
	switch len(values) {
	case 0:
		return nil, &missingProofError{header}
	case 1:
	default:
		return nil, &secret.InvalidError{Field: header, Reason: "is duplicated"}
	}
	value, err := api.Decode(values[0])
	if err != nil || len(value) != proofSize {
		return nil, &secret.InvalidError{Field: header, Reason: "must be 43 characters of base64url"}
	}
	return value, nil
}

// idempotencyKey returns the bytes of the Idempotency-Key header.
func idempotencyKey(r *http.Request) ([]byte, error) {
	values := r.Header.Values(api.HeaderIdempotency)
	if len(values) != 1 {
		return nil, &secret.InvalidError{Field: api.HeaderIdempotency, Reason: "must be there once"}
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

// readBody returns a JSON body of at most limit bytes. It refuses a larger one
// before it reads it, if the length is announced.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != api.MediaJSON {
		return nil, errMediaType
	}
	if r.ContentLength > limit {
		return nil, errBodyLarge
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
