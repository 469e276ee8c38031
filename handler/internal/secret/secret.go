// Package secret is the domain: a secret handed over once.
//
// It promises that nobody without the link's proofs learns anything, that no
// view is served twice and none is wasted, and that what is over is deleted.
// A [Service] keeps these promises over ports that its callers fill in: each
// call reads the row, decides, and writes with the version that it decided on;
// where a write was refused or its outcome is unknown it reads again. The rules
// and why each is there are set out in docs/design.md.
//
// The package imports envelope/header and the standard library only, and knows no transport.
package secret

import (
	"context"
	"crypto/sha256"
	"time"
)

const (
	// LeaseTime is how long a reader may repeat a read under its key and get
	// the same bytes.
	LeaseTime = 120 * time.Second
	// ClearMargin is how long after its end whoever clears still takes a lease
	// for live: clocks differ, and writes land late.
	ClearMargin = 2 * time.Minute
	// sendMargin is how long before a lease's end the write that takes it must
	// be sent, so that it cannot land after its marker was looked at.
	sendMargin = 60 * time.Second
	// insertDeadline bounds the sending of an insert.
	insertDeadline = 60 * time.Second
	// attempts bounds how often a call decides anew after a conflict.
	attempts = 8
)

// Hash is SHA-256 of a proof or of an Idempotency-Key. Proofs themselves are never stored.
type Hash [sha256.Size]byte

// Policy limits what may be created and how long what is over stays.
type Policy struct {
	MinTTL, MaxTTL    time.Duration // limits of the expiry, counted from the request, with 120 s of leeway
	MaxViews          int           // 1 to 100
	MaxEnvelope       int           // bytes
	RequirePassphrase bool          // refuse envelopes that need none
	Tries             int           // distinct wrong claims until the secret freezes, 1 to 100
	ReceiptRetention  time.Duration // how long a tombstone outlasts the expiry
}

// Service carries out the verbs of the API. Its fields are set once, before the
// first call; after that it is safe for concurrent use.
type Service struct {
	Store      Store
	Expiries   Expiries
	Work       Reminders
	Watermarks Watermarks
	Holds      Holds
	Sealer     Sealer
	Keyring    Keyring
	Publisher  Publisher
	Policy     Policy

	Now     func() time.Time                       // the wall clock
	Settled func() time.Time                       // the clock that deletion believes; see clock.Settled
	Pause   func(ctx context.Context, attempt int) // waits before the given attempt (1 to 7) to decide anew
}
