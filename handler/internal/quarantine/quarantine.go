// Package quarantine places holds, for operators and for alerts of Microsoft
// Defender for Cloud, releases them, and ends those that have expired.
//
// A hold acts everywhere once the call that placed it has returned. A call that is
// cut off between any two of its writes is completed by repeating it: the ID of an
// alert's hold comes from the alert, that of an operator's from the
// Idempotency-Key. A hold that is released or expires is archived before its
// copies are removed, and placing one looks for an archived hold after its last
// write. So neither a late delivery of an alert nor a call that was overtaken
// places a released hold again; [Service.Patrol] removes the copies that such a
// call leaves behind when it is cut off.
//
// The package knows no transport and no storage.
package quarantine

import (
	"context"
	"io"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Store keeps holds, active and archived ones. An active hold has several
// copies, so that the requests that look holds up do not all read the same one;
// package store knows where they are. All methods are safe for concurrent use,
// from several processes where the store is shared, and may be repeated. An error
// other than the named ones is ambiguous: any part of a write may have taken
// effect, or may still do so after the call has returned. Each method is one
// round trip, and Active one for each 1,000 holds.
type Store interface {
	// Place adds the copies of an active hold that are missing, and leaves those
	// as they are that another call has added. When it returns without an error,
	// the hold acts on every request that begins later. first reports whether this
	// call added the copy that Placed reads.
	Place(ctx context.Context, h hold.Hold) (first bool, err error)
	// Remove removes all copies of an active hold. Missing ones are no error.
	Remove(ctx context.Context, id string) error
	// Archive adds a hold to the archived ones: secret.ErrExists when it is there,
	// perhaps from an earlier attempt of the same call.
	Archive(ctx context.Context, h hold.Hold) error

	// Archived returns the archived hold with the ID, nil when there is none.
	Archived(ctx context.Context, id string) (*hold.Hold, error)
	// Placed returns the active hold with the ID, nil when there is none. It reads
	// one copy, so it may miss a hold whose placing was cut off.
	Placed(ctx context.Context, id string) (*hold.Hold, error)
	// Find is Placed of every copy. Of copies that differ it returns the one with the latest end.
	Find(ctx context.Context, id string) (*hold.Hold, error)

	// Active returns all holds of which there is a copy, in the order of their
	// IDs; of copies that differ those with the latest end.
	Active(ctx context.Context) ([]hold.Hold, error)
	// Past returns archived holds in the order of their IDs, at most 1,000, and the
	// cursor of the next page, empty after the last.
	Past(ctx context.Context, cursor string) (holds []hold.Hold, next string, err error)
}

// Events publishes events. Send returns when they are known to have arrived;
// Publish never waits and may drop them.
type Events interface {
	secret.Publisher
	Send(ctx context.Context, events ...secret.Event) error
}

// Secrets finds the secrets that a hold would cover.
type Secrets interface {
	// Expired is that of secret.Store.
	Expired(ctx context.Context, from, to header.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error)
}

// Policy says how long holds last, and which alerts raise them.
type Policy struct {
	Hold, HoldMax time.Duration // of a hold that names no end; of any, with 120 s of leeway
	Resources     []string      // ARM ids that are ours, in any case
	Severity      string        // the least that raises a hold: Informational, Low, Medium, High
	Types         []string      // types of alerts that raise a hold, in any case; all when empty
}

// Service carries out the operators' verbs. Its fields are set once, before the
// first call; after that it is safe for concurrent use.
type Service struct {
	Store   Store
	Secrets Secrets
	Events  Events
	Policy  Policy

	Now     func() time.Time // the wall clock
	Settled func() time.Time // the clock by which holds end for good; see clock.Settled
	Random  io.Reader        // of ids; safe for concurrent use
}

// Outcome is what became of a request or an alert.
type Outcome struct {
	Hold *hold.Hold // nil when the alert asks for none
	New  bool       // the call has set the hold, which did not stand before
	// EventSent says that the event of what the call found or did is known to
	// have arrived. The hold stands, or is lifted, all the same.
	EventSent bool
	Reason    string // why there is no hold
}

// Page is a part of all holds. Active has those that stand, and is filled on the first page only.
type Page struct {
	Active, Past []hold.Hold // the newest first
	Next         string      // the cursor of the next page, empty after the last
}

// Patrolled says what a patrol did.
type Patrolled struct {
	Expired   []hold.Hold // archived by this patrol
	Removed   int         // archived holds of which copies had been left behind
	EventSent bool        // their events, where there are any, are known to have arrived
}
