// Package quarantine turns what operators ask for and what Microsoft Defender
// for Cloud reports into holds, and lifts them again.
//
// An active hold stands in 16 partitions of the store, one for each shard of
// ids, and is in force everywhere once the call that set it has returned. A call
// that is cut off between any two of its writes is completed by repeating it:
// the id of an alert's hold comes from the alert, that of an operator's from
// the Idempotency-Key. What has been lifted stands in the partition of the past
// ones, which is written first and looked at last, so that neither a late
// delivery nor a call that was overtaken raises it again; [Service.Sweep]
// removes what such a call leaves behind when it is cut off.
//
// The package imports the standard library and the domain only. It knows no transport.
package quarantine

import (
	"context"
	"io"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Store keeps holds in partitions: [Past], and those that [Active] names. All
// methods are safe for concurrent use, from several processes where the store is
// shared, and may be repeated. An error that is none of those named leaves open
// whether a write took effect, also after the call has returned it.
type Store interface {
	// InsertHold adds a hold: ErrExists when one with its ID stands in the
	// partition, perhaps written by an earlier try of the same call.
	InsertHold(ctx context.Context, partition string, h hold.Hold) error
	// DropHold removes a hold; one that is gone already is no error.
	DropHold(ctx context.Context, partition, id string) error
	// GetHold returns the hold with the ID: ErrNotFound.
	GetHold(ctx context.Context, partition, id string) (hold.Hold, error)
	// ListHolds returns holds in the order of their IDs, at most 1,000, and the
	// cursor of the next page, empty after the last.
	ListHolds(ctx context.Context, partition, cursor string) ([]hold.Hold, string, error)
}

// Events tells the outside. Send returns when the events are known to have
// arrived; Publish never waits and may drop.
type Events interface {
	secret.Publisher
	Send(ctx context.Context, events ...secret.Event) error
}

// Secrets finds the secrets that a hold would cover.
type Secrets interface {
	// Expired is that of secret.Store.
	Expired(ctx context.Context, from, to secret.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error)
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

// Swept says what a sweep did.
type Swept struct {
	Ended     []hold.Hold // their time had come
	Removed   int         // holds that were past, and of which rows had been left behind
	EventSent bool        // their events, where there are any, are known to have arrived
}
