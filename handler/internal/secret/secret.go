// Package secret implements the life of a secret: it is created, read a limited
// number of times, and deleted.
//
// It promises, in this order of importance, that
//
//   - nobody without the link learns anything about a secret, not even that it exists,
//   - no view is served twice, despite several instances, races, crashes and retries,
//   - no view is wasted: a failure on the way to the reader costs none,
//   - a secret that was read, revoked or has expired is deleted, and so is the key that sealed it,
//   - a hold takes effect at once, and when it ends its secrets are as they were before.
//
// Each call of a [Service] reads the row, decides, and writes on condition that the
// row still has the version that the decision was made on. If the write was refused,
// or its outcome is not known, the call reads the row again and decides again.
// docs/design.md has the rules of each call, and the reason for each rule.
//
// The package does no I/O itself and depends on no transport: it imports the
// standard library, envelope/header, and the packages of holds and weeks.
package secret

import (
	"context"
	"crypto/sha256"
	"time"
)

const (
	// leaseTime is how long a reader may repeat a read under its key and get
	// the same bytes.
	leaseTime = 120 * time.Second
	// renewMargin is how much longer than necessary a refusal renews a lease, so that
	// one write is enough for the refusals of that time, however many there are.
	renewMargin = 30 * time.Second
	// clearMargin is added to a lease's end before anything is deleted, because
	// clocks differ and writes land late.
	clearMargin = 2 * time.Minute
	// sendMargin is how long before a lease's end the write that takes it must
	// be sent, so that it cannot land after purge has looked at its reminder.
	sendMargin = 60 * time.Second
	// attempts is how often a call decides when writes are not answered.
	attempts = 8
	// conflicts is how often a call decides when other writes go first. Each of those
	// has changed the row, so they come to an end: a row has at most 100 views to take
	// and to acknowledge.
	conflicts = 300
	// MaxUnlocks is how many unlocks of a secret forget its wrong claims. It bounds how
	// many passphrases can be tried in all.
	MaxUnlocks = 10
)

// Hash is SHA-256 of a proof or of an Idempotency-Key. The values themselves are never stored.
type Hash [sha256.Size]byte

// Proofs are the proofs that a caller sends, 32 bytes each; nil for those it does not.
type Proofs struct {
	Access []byte // that it holds the link
	Claim  []byte // that it holds the link and knows the passphrase
	Manage []byte // that it is the sender
}

// Policy has the limits of secrets, and how long tombstones stay.
type Policy struct {
	MinTTL, MaxTTL    time.Duration // limits of the expiry, counted from the request, with 120 s of leeway
	MaxViews          int           // 1 to 100
	MaxEnvelope       int           // bytes
	RequirePassphrase bool          // refuse envelopes that need none
	Tries             int           // distinct wrong claims before the secret freezes, 1 to 100
	ReceiptRetention  time.Duration // how long a tombstone outlasts the expiry; 0 is allowed
}

// Deps is everything that a [Service] depends on. All fields are required, except
// that Keyring may be nil where Rotate is never called.
type Deps struct {
	Store     Store
	Sealer    Sealer
	Keyring   Keyring
	Publisher Publisher
	Policy    Policy

	Now     func() time.Time // wall clock
	Settled func() time.Time // the clock that decides on deletions; see clock.Settled
	// Pause waits before a call decides again after a conflict. attempt is 1 to 7.
	// It must return when ctx ends.
	Pause func(ctx context.Context, attempt int)
}

// Service carries out the calls of the API. Make it with [New]. It is safe for
// concurrent use, by as many processes as share its store.
type Service struct {
	store     Store
	sealer    Sealer
	keyring   Keyring
	publisher Publisher
	policy    Policy

	now     func() time.Time
	settled func() time.Time
	pause   func(ctx context.Context, attempt int)
}

// New returns a Service that keeps its secrets in d.Store. It calls none of d.
func New(d Deps) *Service {
	return &Service{
		store: d.Store, sealer: d.Sealer, keyring: d.Keyring, publisher: d.Publisher, policy: d.Policy,
		now: d.Now, settled: d.Settled, pause: d.Pause,
	}
}
