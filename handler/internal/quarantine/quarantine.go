// Package quarantine places holds, for operators and for alerts of Microsoft
// Defender for Cloud, releases them, and ends those that have expired.
//
// A hold takes effect everywhere before the call that places it returns. A call that
// was interrupted between any two of its writes is completed by repeating it: the ID
// of an alert's hold is derived from the alert, that of an operator's from the
// Idempotency-Key. A hold that is released or expires is archived before its
// copies are removed, and a call that places one looks for an archived hold after
// its last write. So neither a late delivery of an alert nor a slow call places a
// released hold again; [Service.Patrol] removes the copies that such a call leaves
// when it is interrupted.
//
// The package depends on no transport and no storage.
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
// round trip.
type Store interface {
	active
	archive
	lists
	// Ready reports whether a hold could be placed now: it adds a row that no request
	// reads, and removes it.
	Ready(ctx context.Context) error
}

// active is the part of a [Store] with the active holds.
type active interface {
	// Place adds the missing copies of an active hold, and does not change those
	// that exist. When it returns without an error, the hold applies to every
	// request that begins later. first reports whether this call added the copy
	// that Placed reads.
	Place(ctx context.Context, h hold.Hold) (first bool, err error)
	// Remove removes all copies of an active hold. Missing ones are no error.
	Remove(ctx context.Context, id string) error
	// Placed returns the active hold with the ID, nil when there is none. It reads
	// one copy, so it may miss a hold that was placed in part.
	Placed(ctx context.Context, id string) (*hold.Hold, error)
	// Find is like Placed, but reads every copy. Of copies that differ it returns the
	// one with the latest end.
	Find(ctx context.Context, id string) (*hold.Hold, error)
}

// archive is the part with the holds that were released or have ended.
type archive interface {
	// Archive adds a hold: secret.ErrExists when it is there, perhaps from an
	// earlier attempt of the same call.
	Archive(ctx context.Context, h hold.Hold) error
	// Archived returns the archived hold with the ID, nil when there is none.
	Archived(ctx context.Context, id string) (*hold.Hold, error)
	// Forget deletes an archived hold. A missing one is no error.
	Forget(ctx context.Context, id string) error
}

// lists lists the holds of both: those that the filter selects and whose IDs come
// after the cursor, in the order of their IDs, at most so many and at most 1,000. next
// is the cursor of the next page, empty after the last; a page may be empty before that.
type lists interface {
	// Active lists the holds that have a copy. The filter looks at each copy by
	// itself. Of copies that differ, the one with the latest end is returned.
	Active(ctx context.Context, f hold.Filter, cursor string, most int) (holds []hold.Hold, next string, err error)
	// Past lists the archived holds.
	Past(ctx context.Context, f hold.Filter, cursor string, most int) (holds []hold.Hold, next string, err error)
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

// Policy has the length of holds and the alerts that place them.
type Policy struct {
	Hold, HoldMax time.Duration // length of a hold without an end of its own; longest of any hold, with a leeway of 120 s
	Retention     time.Duration // how long an archived hold is kept after its Until
	Resources     []string      // ARM ids of our resources, in any case
	Severity      string        // the lowest that places a hold: Informational, Low, Medium or High
	Types         []string      // types of alerts that place a hold, in any case; all when empty
}

// Service places holds, releases them and lists them. Its fields are set before the
// first call. Safe for concurrent use.
type Service struct {
	Store   Store
	Secrets Secrets
	Events  Events
	Policy  Policy

	Now     func() time.Time // the wall clock
	Settled func() time.Time // the clock by which holds expire; see clock.Settled
	Random  io.Reader        // makes IDs; safe for concurrent use
}

// Outcome is the result of a request or an alert.
type Outcome struct {
	Hold *hold.Hold // nil when the alert asks for none
	New  bool       // this call placed the hold
	// EventSent is true if the hold's event is known to have arrived. The hold is
	// placed or released even if it is false.
	EventSent bool
	Reason    string // why there is no hold
}

// Page is a page of all holds, at most [PageSize]. The active ones come first: once a
// page has past ones, or is the last, no active ones follow.
type Page struct {
	Active, Past []hold.Hold // in the order of their IDs
	Next         string      // the cursor of the next page, empty after the last
}

// Patrolled is the result of a patrol.
type Patrolled struct {
	Expired   []hold.Hold // archived by this patrol
	Removed   int         // archived holds of which copies had been left behind
	EventSent bool        // their events, where there are any, are known to have arrived
}
