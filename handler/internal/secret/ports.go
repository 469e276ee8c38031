package secret

import (
	"context"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Store keeps the rows, one for each ID, the reminders and watermarks of purge, and
// the holds.
//
// All methods are safe for concurrent use, by several processes where the store is
// shared, and do not change their arguments. Reads never come from a cache. Errors
// that a method's comment does not name are ambiguous: the write may have taken
// effect, or may still do so after the call has returned. Every method may be
// repeated; its comment describes how repeating it changes the outcome, if at all.
type Store interface {
	rows
	expiries
	reminders
	watermarks
	holds
}

// rows are the rows themselves.
type rows interface {
	// Insert adds a row with its sealed envelope, atomically, and ignores
	// r.Version. It fails with ErrExists when there is a row with this ID, which an
	// earlier try of the same call may have added, and with ErrFull.
	Insert(ctx context.Context, r *Record) error
	// Get returns the row with its sealed envelope, or ErrNotFound.
	Get(ctx context.Context, id header.ID) (*Record, error)
	// Peek returns the row without Sealed.Wrapped and Sealed.Envelope, which stay
	// nil, or ErrNotFound. It costs little, however large the envelope is.
	Peek(ctx context.Context, id header.ID) (*Record, error)
	// Update replaces everything but the sealed envelope, atomically, if the row
	// still has r.Version, and gives the row a new Version. With r.Cleared it also
	// deletes the sealed envelope and the wrapped key. It fails with ErrStale when
	// the row has another Version, and with ErrNotFound. It is sent once and never
	// retried. Every Get and Peek that begins after it has returned sees the write.
	Update(ctx context.Context, r *Record) error
}

// expiries find and delete rows by the slot of their expiry, without reading others.
type expiries interface {
	// Expired returns the rows of the slots from <= slot < to as Peek does, ordered
	// by slot, at most 1,000, and the cursor of the next page, which is empty after
	// the last. With uncleared it leaves out rows that were cleared.
	Expired(ctx context.Context, from, to header.Slot, uncleared bool, cursor string) ([]*Record, string, error)
	// Clear sets Cleared and deletes the sealed envelope and the wrapped key of
	// each row that still has its Version. It returns those that it left because
	// they have changed or are gone. After an error any of them may be cleared.
	Clear(ctx context.Context, rows []*Record) (left []*Record, err error)
	// Delete deletes each row that still has its Version, with the same results as Clear.
	Delete(ctx context.Context, rows []*Record) (left []*Record, err error)
}

// Reminder names a row that may have to be cleared after a minute.
type Reminder struct {
	Minute time.Time // UTC, truncated to the minute
	ID     header.ID
}

// reminders let purge find what a crash left behind without searching for it.
type reminders interface {
	// AddReminder adds a reminder of the row for the minute of t. Adding the same
	// one twice adds one. No write to the row that is sent after AddReminder has
	// returned becomes durable before the reminder.
	AddReminder(ctx context.Context, id header.ID, t time.Time) error
	// DueReminders returns the reminders whose minutes were over at t, the oldest
	// first, at most 1,000, and the cursor of the next page, empty after the last.
	DueReminders(ctx context.Context, t time.Time, cursor string) ([]Reminder, string, error)
	// RemoveReminders removes reminders. It ignores those that are gone.
	RemoveReminders(ctx context.Context, reminders []Reminder) error
}

// watermarks keep the progress of purge.
type watermarks interface {
	// Watermark returns the slot before which the pass has left nothing, 0 if it was never set.
	Watermark(ctx context.Context, pass string) (header.Slot, error)
	// SetWatermark replaces the watermark of the pass.
	SetWatermark(ctx context.Context, pass string, s header.Slot) error
}

// holds looks holds up.
type holds interface {
	// ActiveHolds returns the active holds whose scope may cover a secret with the
	// ID, in one round trip for each 1,000 of them. A hold is among them in every
	// call that begins after the call that placed it has returned. The result may be
	// shared and must not be changed.
	ActiveHolds(ctx context.Context, id header.ID) ([]hold.Hold, error)
	// PreservingHolds returns all active holds with the mode preserve, as ActiveHolds does.
	PreservingHolds(ctx context.Context) ([]hold.Hold, error)
	// PastHolds returns the holds that were released or have ended, cover the target,
	// and ended after since.
	PastHolds(ctx context.Context, t *hold.Target, since time.Time) ([]hold.Hold, error)
}

// Sealer encrypts envelopes at rest, each under its own data key. It is safe for
// concurrent use.
type Sealer interface {
	// Seal encrypts the envelope, bound to the associated data, under the key of
	// the week. It calls no other service when the process knows that key already.
	Seal(ctx context.Context, w week.Week, envelope, associated []byte) (Sealed, error)
	// Open returns the envelope. Any error may be temporary: even a key that was
	// deleted may be recovered.
	Open(ctx context.Context, s *Sealed, associated []byte) ([]byte, error)
}

// WeekKey is the key that wraps the data keys of the secrets that expire in a week.
type WeekKey struct {
	Week    week.Week
	Enabled bool
	Updated time.Time // UTC, by the clock of the vault or the keyring
}

// Keyring makes and retires the keys of weeks. All methods are safe for concurrent
// use, by several processes, and may be repeated.
type Keyring interface {
	// Make makes the key of a week, unless there is one.
	Make(ctx context.Context, w week.Week) error
	// Keys returns all keys, in no particular order.
	Keys(ctx context.Context) ([]WeekKey, error)
	// Disable makes Open fail for what is sealed under the key. It can be undone.
	Disable(ctx context.Context, w week.Week) error
	// Delete deletes the key for good, except for what a vault's purge protection keeps.
	Delete(ctx context.Context, w week.Week) error
}

// Caller is the client that made one call of a [Service]. It decides how much work the
// service does for it. A [Service] does not call it concurrently.
type Caller interface {
	// Guess is called before the claim is compared, if it could be a guess of a
	// passphrase: the secret has one and is neither over, held nor frozen, and the key
	// has no live lease. A call that decides again calls it again. After an error the
	// claim is not compared, and the call fails with that error.
	Guess(id header.ID) error
	// Load is called at most once, with the size of the sealed envelope in bytes,
	// after access and claim were proved and before the envelope is read. It may wait.
	// After an error nothing is read, and the call fails with that error.
	Load(ctx context.Context, bytes int) error
}

// Event is something that happened. It contains nothing that outsiders must not know.
type Event struct {
	ID      string // empty: the publisher makes one; events with the same ID are copies of one
	Type    string // secretsharer.<noun>.<past>
	Subject string // the first 8 characters of the secret's ID
	Time    time.Time
}

// Publisher sends events to subscribers, on a best-effort basis. Safe for concurrent
// use.
type Publisher interface {
	// Publish queues an event or drops it. It never waits.
	Publish(e Event)
}
