package secret

import (
	"errors"
	"time"
)

// What a port may answer besides success. Any other error of a Store or of Work
// leaves open whether the write took effect.
var (
	// ErrNotFound: there is no such row. From a Service also: the caller has not
	// proven that it may know of the row.
	ErrNotFound = errors.New("not found")
	// ErrExists: a row with this ID stands already.
	ErrExists = errors.New("exists")
	// ErrStale: the row has changed since the version that the write names; nothing was written.
	ErrStale = errors.New("stale version")
	// ErrFull: the store is at its limit; nothing was written.
	ErrFull = errors.New("store is full")
	// ErrKeyDisabled: the key that wraps the data key is disabled, and may come back.
	ErrKeyDisabled = errors.New("key is disabled")
	// ErrKeyGone: the key that wraps the data key was deleted.
	ErrKeyGone = errors.New("key is gone")
)

// What a Service answers besides success, with ErrNotFound and the types below.
var (
	// ErrConflict: another secret stands under this ID.
	ErrConflict = errors.New("another secret has this id")
	// ErrTooLarge: the envelope is larger than the policy allows.
	ErrTooLarge = errors.New("envelope is too large")
	// ErrUnavailable: a part that the call needs did not answer; it may be repeated.
	ErrUnavailable = errors.New("unavailable")

	errAgain = errors.New("decide again") // the row changed, or may have
)

// Reason says why a secret is over.
type Reason string

// The reasons.
const (
	ReasonRead    Reason = "read"
	ReasonRevoked Reason = "revoked"
	ReasonExpired Reason = "expired"
)

// GoneError says that the secret is over. Reason is empty where the secret
// lives on, but not for this caller; At is zero where it is not known.
type GoneError struct {
	Reason Reason
	At     time.Time
}

func (e *GoneError) Error() string { return "gone: " + string(e.Reason) }

// HeldError says that a hold covers the secret, and when the last such hold ends.
type HeldError struct{ Until time.Time }

func (e *HeldError) Error() string { return "held" }

// FrozenError says that too many wrong claims froze the secret.
type FrozenError struct{ At time.Time }

func (e *FrozenError) Error() string { return "frozen" }

// WrongClaimError says that the claim, so the passphrase, was wrong.
type WrongClaimError struct{ TriesLeft int }

func (e *WrongClaimError) Error() string { return "wrong claim" }

// InvalidError says which field of the input breaks which rule. It never quotes the value.
type InvalidError struct{ Field, Reason string }

func (e *InvalidError) Error() string { return "invalid " + e.Field + ": " + e.Reason }
