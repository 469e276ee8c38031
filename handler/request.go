package main

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	proofSize = 32 // bytes of a proof, and of a hash
	minKey    = 16 // bytes of an Idempotency-Key
	maxKey    = 64
)

// base64url is the one encoding of bytes in the API: RFC 4648, section 5,
// without padding, and with no spare bits set. See [decode] to read it.
var base64url = base64.RawURLEncoding.Strict()

// decode reads base64url, and unlike encoding/base64 no line breaks in it: bytes have one text.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64url.DecodeString(text)
}

// What a request may lack or be, besides the domain's errors.
var (
	errMediaType = errors.New("want application/json")
	errBodyLarge = errors.New("body is too large")
)

// missingProofError says that a request came without a proof that it needs.
type missingProofError struct{ header string }

func (e *missingProofError) Error() string { return "missing " + e.header }

// pathID returns the ID in the route.
func pathID(r *http.Request) (secret.ID, error) {
	id, err := secret.ParseID(r.PathValue("id"))
	if err != nil {
		return secret.ID{}, secret.ErrNotFound
	}
	return id, nil
}

// proof returns the 32 bytes of a proof's header; missing where it is optional, nil.
func proof(r *http.Request, header string, optional bool) ([]byte, error) {
	values := r.Header.Values(header)
	switch {
	case len(values) == 0 && optional:
		return nil, nil
	case len(values) == 0:
		return nil, &missingProofError{header}
	case len(values) > 1:
		return nil, &secret.InvalidError{Field: header, Reason: "stands twice"}
	}
	value, err := decode(values[0])
	if err != nil || len(value) != proofSize {
		return nil, &secret.InvalidError{Field: header, Reason: "must be 43 characters of base64url"}
	}
	return value, nil
}

// idempotencyKey returns the bytes of the header of that name.
func idempotencyKey(r *http.Request) ([]byte, error) {
	const header = "Idempotency-Key"
	values := r.Header.Values(header)
	if len(values) != 1 {
		return nil, &secret.InvalidError{Field: header, Reason: "must stand once"}
	}
	key, err := decode(values[0])
	if err != nil || len(key) < minKey || len(key) > maxKey {
		return nil, &secret.InvalidError{Field: header, Reason: "must be 16 to 64 bytes in base64url"}
	}
	return key, nil
}

// readBody returns a JSON body of at most limit bytes. What says beforehand that
// it is larger is refused before it is read.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, errMediaType
	}
	if r.ContentLength > limit {
		return nil, errBodyLarge
	}
	body := make([]byte, 0, max(512, r.ContentLength+1))
	body, err := appendAll(body, io.LimitReader(r.Body, limit+1))
	switch {
	case err != nil:
		return nil, &secret.InvalidError{Field: "body", Reason: "did not arrive whole and in time"}
	case int64(len(body)) > limit:
		return nil, errBodyLarge
	}
	return body, nil
}

// appendAll is io.ReadAll into a buffer of the size that was announced.
func appendAll(b []byte, r io.Reader) ([]byte, error) {
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}
