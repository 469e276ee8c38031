package secret

import (
	"context"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Store keeps the rows, one for each ID. All methods are safe for concurrent
// use, from several processes where the store is shared, and change none of the
// records that they are given. An error that is none
// of those named leaves open whether a write took effect, and a write may take
// effect after its call has returned such an error.
type Store interface {
	// Insert adds a row with its sealed envelope: ErrExists, ErrFull. It sets no Version.
	Insert(ctx context.Context, r *Record) error
	// Get returns the row with its sealed envelope: ErrNotFound.
	Get(ctx context.Context, id ID) (*Record, error)
	// Peek is Get without Sealed.Wrapped and Sealed.Envelope, which stay nil.
	Peek(ctx context.Context, id ID) (*Record, error)
	// Update replaces all but the sealed envelope, atomically, if the row still
	// has r.Version; with r.Cleared it also deletes the sealed envelope and the
	// wrapped key: ErrStale, ErrNotFound. It is sent once, never retried. What it
	// has written, every later Get and Peek returns under a new Version.
	Update(ctx context.Context, r *Record) error
}

// Expiries finds and deletes rows by the slot of their expiry, without touching living ones.
type Expiries interface {
	// Expired returns rows of the slots from <= slot < to, as Peek does, in order
	// of slot, at most 1,000, and the cursor of the next page, empty after the
	// last. With uncleared only those that still hold a sealed envelope.
	Expired(ctx context.Context, from, to Slot, uncleared bool, cursor string) ([]*Record, string, error)
	// Clear marks the rows cleared and deletes their sealed envelopes, each if it still has
	// its Version; Delete deletes the rows likewise. Both return the rows that
	// were left, as they have changed or are gone; after an error any may be done
	// or left. The records given are not changed.
	Clear(ctx context.Context, rows []*Record) (left []*Record, err error)
	Delete(ctx context.Context, rows []*Record) (left []*Record, err error)
}

// Reminder says that the row may hold something to clear after a minute is over.
type Reminder struct {
	Minute time.Time // UTC, truncated to the minute
	ID     ID
}

// Reminders keeps marks, so that what a crash left behind is found without a search.
// A mark belongs to its row: the same one written twice is one.
type Reminders interface {
	// AddReminder writes a mark for the minute in which t lies. No write to the row that
	// is sent after AddReminder has returned becomes durable without the mark.
	AddReminder(ctx context.Context, id ID, t time.Time) error
	// DueReminders returns marks whose minutes were over at t, the oldest first, at most 1,000,
	// and the cursor of the next page, empty after the last.
	DueReminders(ctx context.Context, t time.Time, cursor string) ([]Reminder, string, error)
	// RemoveReminders removes marks; those that are gone already are no error.
	RemoveReminders(ctx context.Context, marks []Reminder) error
}

// Watermarks keeps how far each pass of purge has come.
type Watermarks interface {
	// Watermark returns the slot before which the pass has left nothing; zero when never set.
	Watermark(ctx context.Context, pass string) (Slot, error)
	SetWatermark(ctx context.Context, pass string, s Slot) error
}

// Holds looks holds up in the store, never in a cache.
type Holds interface {
	// ActiveHolds returns the holds that stand in the partition of the ID's shard,
	// in one round trip. A hold stands in all 16 once its call has returned.
	ActiveHolds(ctx context.Context, id ID) ([]hold.Hold, error)
	// PastHolds returns the holds that were released or have ended.
	PastHolds(ctx context.Context) ([]hold.Hold, error)
}

// Sealer seals envelopes at rest, each under a data key of its own. Safe for concurrent use.
type Sealer interface {
	// Seal needs no call to another service where the week's key is known to the process.
	Seal(ctx context.Context, w week.Week, envelope, associated []byte) (Sealed, error)
	// Open returns the envelope: ErrKeyDisabled, ErrKeyGone; any other error may pass.
	Open(ctx context.Context, s *Sealed, associated []byte) ([]byte, error)
}

// WeekKey is a week's key as the vault or the keyring knows it.
type WeekKey struct {
	Week    week.Week
	Enabled bool
	Updated time.Time // by the vault's own clock
}

// Keyring makes and retires the keys of weeks. All methods may be repeated.
type Keyring interface {
	Make(ctx context.Context, w week.Week) error
	Keys(ctx context.Context) ([]WeekKey, error)
	Disable(ctx context.Context, w week.Week) error
	Delete(ctx context.Context, w week.Week) error
}

// Event is something that happened, as the outside may know it.
type Event struct {
	ID      string // empty: the publisher makes one; sent twice under the same, it is the same event
	Type    string // secretsharer.<noun>.<past>
	Subject string // the first 8 characters of the ID
	Time    time.Time
}

// Publisher tells the outside of events, best effort: Publish never waits and may drop.
type Publisher interface {
	Publish(e Event)
}
