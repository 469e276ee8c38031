package api

import (
	"bytes"
	"encoding/base64"
	"errors"
)

var base64url = base64.RawURLEncoding.Strict()

// Encode returns b in base64url (RFC 4648, section 5) without padding.
func Encode(b []byte) string { return base64url.EncodeToString(b) }

// Decode reads what [Encode] writes and nothing else: unlike encoding/base64 it
// refuses line breaks, so that the same bytes have one text only.
func Decode(text string) ([]byte, error) { return decode([]byte(text)) }

func decode(text []byte) ([]byte, error) {
	b := make([]byte, base64url.DecodedLen(len(text)))
	n, err := base64url.Decode(b, text)
	if err != nil || bytes.ContainsAny(text, "\r\n") {
		return nil, errors.New("must be base64url without padding")
	}
	return b[:n], nil
}

// Bytes are base64url in JSON. Errors do not quote the text.
type Bytes []byte

// MarshalText implements [encoding.TextMarshaler].
func (b Bytes) MarshalText() ([]byte, error) { return base64url.AppendEncode(nil, b), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	*b, err = decode(text)
	return err
}

// Hash is a SHA-256 of a proof, base64url in JSON. Errors do not quote the text.
type Hash [32]byte

// MarshalText implements [encoding.TextMarshaler].
func (h Hash) MarshalText() ([]byte, error) { return base64url.AppendEncode(nil, h[:]), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := decode(text)
	if err != nil || len(b) != len(h) {
		return errors.New("must be 43 characters of base64url")
	}
	copy(h[:], b)
	return nil
}
