package secret

import (
	"errors"
	"time"
)

// Errors of the ports. Any other error of a [Store] is ambiguous: the write may have
// taken effect.
var (
	// ErrNotFound: there is no such row. A [Service] also returns it to callers
	// that have not proven that they may know of the row.
	ErrNotFound = errors.New("not found")
	// ErrExists: there is a row with this ID.
	ErrExists = errors.New("exists")
	// ErrStale: the row no longer has the version of the write. Nothing was written.
	ErrStale = errors.New("stale version")
	// ErrFull: the store has reached its limit. Nothing was written.
	ErrFull = errors.New("store is full")
	// ErrKeyGone: the key that wraps the data key is missing. It may come back.
	ErrKeyGone = errors.New("key is gone")
)

// Errors of a [Service], besides ErrNotFound, ErrFull and the types below.
var (
	// ErrConflict: another secret has this ID.
	ErrConflict = errors.New("another secret has this id")
	// ErrTooLarge: the envelope is larger than the policy allows.
	ErrTooLarge = errors.New("envelope is too large")
	// ErrUnavailable: a dependency failed. The call may be repeated.
	ErrUnavailable = errors.New("unavailable")
)

// GoneError means that the secret can no longer be read.
type GoneError struct {
	Reason State     // empty when only this caller cannot read it
	At     time.Time // UTC; zero when it is not known
}

func (e *GoneError) Error() string { return "gone: " + string(e.Reason) }

// HeldError means that a hold covers the secret until the given time, in UTC.
type HeldError struct{ Until time.Time }

func (e *HeldError) Error() string { return "held" }

// FreezeReason is why a secret is frozen.
type FreezeReason string

// The reasons of a freeze.
const (
	FreezePassphrase FreezeReason = "passphrase" // too many distinct wrong claims
	FreezeAddresses  FreezeReason = "addresses"  // its link was used from too many addresses
)

// FrozenError means that the secret is frozen until its sender unlocks it. When
// UnlocksLeft is 0, a secret that is frozen for wrong claims stays so.
type FrozenError struct {
	At          time.Time // UTC
	Reason      FreezeReason
	UnlocksLeft int // how many unlocks may still forget wrong claims
}

func (e *FrozenError) Error() string { return "frozen" }

// WrongClaimError means that the claim was wrong, and so the passphrase.
type WrongClaimError struct {
	TriesLeft int  // further distinct wrong claims before the secret freezes
	New       bool // the claim was not tried before, at least not since the last unlock
}

func (e *WrongClaimError) Error() string { return "wrong claim" }

// InvalidError names a field of the input and the rule that it breaks, never its value.
type InvalidError struct{ Field, Reason string }

func (e *InvalidError) Error() string { return "invalid " + e.Field + ": " + e.Reason }
