// Package seal encrypts envelopes at rest. Each envelope is encrypted under a
// new data key, by AES-256-GCM, and authenticated together with the
// associated data of its row. The data key is wrapped under the key of the week
// in which the secret expires. Week keys live in Key Vault (package vault) or in
// a directory (package keyring), which both implement [Wrapper].
package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// KeySize is the size of a data key in bytes.
const KeySize = 32

// ErrSealed is returned for a sealed envelope or a wrapped key that does not
// decrypt: it was altered, or belongs to another row. Callers treat it as
// temporary: the store was damaged, and a restored one may work again, so no view
// and no row is given up for it.
var ErrSealed = errors.New("sealed envelope does not open")

// ErrForeign is returned by Unwrap for a row whose key is of another kind. It was
// written under other settings, and opens again under those.
var ErrForeign = errors.New("row names a key of another vault or keyring")

// ErrKeyDisabled is returned while the key that wraps a data key is disabled. It may
// be enabled again.
var ErrKeyDisabled = errors.New("key is disabled")

// ErrKeyDamaged is returned while the key that wraps a data key cannot be read. It may
// be restored.
var ErrKeyDamaged = errors.New("key is damaged")

// Wrapper wraps data keys under week keys. Safe for concurrent use.
type Wrapper interface {
	// Wrap makes the week's key if there is none. Errors: ErrKeyDisabled,
	// secret.ErrKeyGone, ErrKeyDamaged; any other may be temporary.
	Wrap(ctx context.Context, w week.Week, dataKey []byte) (secret.KeyRef, []byte, error)
	// Unwrap returns a data key that Wrap wrapped. Errors: ErrKeyDisabled,
	// secret.ErrKeyGone, ErrKeyDamaged, ErrSealed, ErrForeign; any other may be temporary.
	Unwrap(ctx context.Context, key secret.KeyRef, wrapped []byte) ([]byte, error)
}

// Sealer implements secret.Sealer. Safe for concurrent use.
type Sealer struct {
	wrapper Wrapper
	random  io.Reader
}

// New returns a Sealer that takes data keys from random, which must be safe for
// concurrent use.
func New(wrapper Wrapper, random io.Reader) *Sealer { return &Sealer{wrapper, random} }

// Seal implements secret.Sealer. A sealed envelope is 28 bytes longer than the envelope.
func (s *Sealer) Seal(ctx context.Context, w week.Week, envelope, associated []byte) (secret.Sealed, error) {
	dataKey := make([]byte, KeySize)
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

// Open implements secret.Sealer. Further errors: ErrSealed, ErrForeign.
func (s *Sealer) Open(ctx context.Context, sealed *secret.Sealed, associated []byte) ([]byte, error) {
	dataKey, err := s.wrapper.Unwrap(ctx, sealed.Key, sealed.Wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrap data key of %s: %w", sealed.Key.Name, err)
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

// newAEAD returns AES-256-GCM with a random nonce of 12 bytes, written before the ciphertext.
func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("data key has %d bytes", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

const keyPrefix = "kek-"

// KeyName returns the name of a week's key, such as "kek-2026w47".
func KeyName(w week.Week) string { return keyPrefix + string(w) }

// KeyWeek returns the week of a key's name, and false for other names.
func KeyWeek(name string) (week.Week, bool) {
	text, ours := strings.CutPrefix(name, keyPrefix)
	w, err := week.Parse(text)
	return w, ours && err == nil
}
