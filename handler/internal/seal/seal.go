// Package seal seals envelopes at rest: each under a data key of its own, by
// AES-256-GCM, bound to the associated data; the data key wrapped under the key
// of the week in which the secret expires. That key lives in Key Vault
// ([Vault]) or in a directory of this machine ([Local]).
package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

const keySize = 32 // bytes of a data key, and of a local week key

// ErrSealed says that a sealed envelope does not open: altered, or not this
// one's. Callers treat it as any failure that may pass: what was altered is the
// store, and a restored one may open again, so no view and no row is given up for it.
var ErrSealed = errors.New("sealed envelope does not open")

// errForeign says that the row names a key of another kind: it was written
// under other settings, and opens again under those.
var errForeign = errors.New("row names a key of another vault or keyring")

// Wrapper wraps data keys under the keys of weeks. Safe for concurrent use.
type Wrapper interface {
	// Wrap makes the week's key when there is none.
	Wrap(ctx context.Context, w week.Week, dataKey []byte) (secret.KeyRef, []byte, error)
	// Unwrap answers secret.ErrKeyDisabled or secret.ErrKeyGone; ErrSealed when
	// the wrapped key is not one of the key's; any other error may pass.
	Unwrap(ctx context.Context, key secret.KeyRef, wrapped []byte) ([]byte, error)
}

// Sealer implements secret.Sealer. Safe for concurrent use.
type Sealer struct {
	wrapper Wrapper
	random  io.Reader
}

// New returns a Sealer that takes data keys from random.
func New(wrapper Wrapper, random io.Reader) *Sealer { return &Sealer{wrapper, random} }

// Seal implements secret.Sealer.
func (s *Sealer) Seal(ctx context.Context, w week.Week, envelope, associated []byte) (secret.Sealed, error) {
	dataKey := make([]byte, keySize)
	defer clear(dataKey)
	if _, err := io.ReadFull(s.random, dataKey); err != nil {
		return secret.Sealed{}, fmt.Errorf("read randomness: %w", err)
	}
	aead, err := newAEAD(dataKey)
	if err != nil {
		return secret.Sealed{}, err
	}
	key, wrapped, err := s.wrapper.Wrap(ctx, w, dataKey)
	if err != nil {
		return secret.Sealed{}, fmt.Errorf("wrap data key: %w", err)
	}
	return secret.Sealed{Key: key, Wrapped: wrapped, Envelope: aead.Seal(nil, nil, envelope, associated)}, nil // #nosec G407 -- it makes its own nonce
}

// Open implements secret.Sealer, and answers ErrSealed.
func (s *Sealer) Open(ctx context.Context, sealed *secret.Sealed, associated []byte) ([]byte, error) {
	dataKey, err := s.wrapper.Unwrap(ctx, sealed.Key, sealed.Wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrap data key: %w", err)
	}
	defer clear(dataKey)
	aead, err := newAEAD(dataKey)
	if err != nil {
		return nil, ErrSealed
	}
	envelope, err := aead.Open(nil, nil, sealed.Envelope, associated)
	if err != nil {
		return nil, ErrSealed
	}
	return envelope, nil
}

// newAEAD returns AES-256-GCM that puts a random nonce of 12 bytes before what it seals.
func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("a data key of %d bytes", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// keyName returns the name of a week's key.
func keyName(w week.Week) string { return "kek-" + string(w) }

// weekOf returns the week of a key's name.
func weekOf(name string) (week.Week, bool) {
	if len(name) < 4 || name[:4] != "kek-" {
		return "", false
	}
	w, err := week.Parse(name[4:])
	return w, err == nil
}
