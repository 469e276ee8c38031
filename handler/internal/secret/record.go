package secret

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Record is a row of the store. Times are UTC. A Record that a [Store] returns
// belongs to the caller.
type Record struct {
	ID      header.ID
	Version string // opaque; set by the store, checked by Store.Update

	Header  [header.Size]byte // bytes 0 to 35 of the envelope
	Access  Hash
	Claim   Hash
	Manage  Hash
	Digest  Hash // SHA-256(envelope ‖ access hash ‖ claim hash ‖ manage hash)
	Created time.Time
	Expires time.Time

	Views   int          // left, 0 to 100
	Leases  []Lease      // one for each key that ever took a view, in the order taken
	Tries   [][8]byte    // distinct wrong claims since the last unlock, each the first 8 bytes of its SHA-256
	Frozen  time.Time    // when it was frozen; zero when not frozen
	Reason  FreezeReason // why it is frozen; empty means FreezePassphrase
	Revoked time.Time    // zero when not revoked
	Unlock  Hash         // of the Idempotency-Key of the last unlock
	Unlocks int          // how many unlocks have forgotten wrong claims, 0 to MaxUnlocks
	Log     []Entry      // refusals, freezes and unlocks, for the receipt

	Cleared bool   // the sealed envelope and its wrapped key are gone; final
	Sealed  Sealed // never changes until it is cleared; Peek leaves parts of it empty
}

// Sealed is an envelope sealed at rest.
type Sealed struct {
	Key      KeyRef
	Wrapped  []byte // the data key, wrapped
	Envelope []byte // nonce, ciphertext and tag
	Size     int    // bytes of Envelope, also after it was cleared; 0 in rows of versions that did not store it
}

// KeyRef names the key that wraps a data key.
type KeyRef struct {
	Algorithm string
	Name      string
	Version   string
}

// Lease is a view that a reader took. Until its end the same key gets the same bytes.
type Lease struct {
	Key   Hash // of the Idempotency-Key
	Taken time.Time
	End   time.Time
	Acked time.Time // zero until acknowledged
}

// tryOf returns the first 8 bytes of the claim's SHA-256, enough to recognise a repeat.
func tryOf(claim []byte) (try [8]byte) {
	sum := sha256.Sum256(claim)
	copy(try[:], sum[:])
	return try
}

// Entry is something that happened to a secret, in a row's log or a receipt.
type Entry struct {
	Event string // created, read, acked, lapsed, refused, frozen, unlocked, held, released, revoked or expired
	At    time.Time
	Held  bool // in a receipt, of an expiry: a hold was active
}

// maxLog is how many entries a row keeps. Older ones are dropped.
const maxLog = 100

// live reports whether the lease still serves its reader at t. A nil lease does not.
func (l *Lease) live(t time.Time) bool { return l != nil && l.Acked.IsZero() && t.Before(l.End) }

// lease returns the lease of a key, nil when the key never took a view.
func (r *Record) lease(key Hash) *Lease {
	i := slices.IndexFunc(r.Leases, func(l Lease) bool { return subtle.ConstantTimeCompare(l.Key[:], key[:]) == 1 })
	if i < 0 {
		return nil
	}
	return &r.Leases[i]
}

// anyLive reports whether any lease is live at t.
func (r *Record) anyLive(t time.Time) bool {
	return slices.ContainsFunc(r.Leases, func(l Lease) bool { return l.live(t) })
}

// clearable reports whether nothing can be served from the row any more: it has no
// view left, and no lease that another instance may still treat as live.
func (r *Record) clearable(t time.Time) bool {
	return (r.Views == 0 || !r.Revoked.IsZero()) && !r.leased(t)
}

// leased reports whether a reader may still use a lease. It decides on deletions, so
// it adds a margin for clocks that differ. A revocation ends all leases.
func (r *Record) leased(t time.Time) bool {
	return r.Revoked.IsZero() && r.anyLive(t.Add(-clearMargin))
}

// over returns why the secret can no longer be read, or nil while it can. A live
// lease may outlast it.
func (r *Record) over(t time.Time) *GoneError {
	switch {
	case !r.Revoked.IsZero():
		return &GoneError{Reason: ReasonRevoked, At: r.Revoked}
	case r.Views == 0:
		return &GoneError{Reason: ReasonRead, At: r.lastTaken()}
	case !t.Before(r.Expires), r.Cleared: // cleared: a clock that is set back revives nothing
		return &GoneError{Reason: ReasonExpired, At: r.Expires}
	}
	return nil
}

// frozen returns the error of a frozen secret.
func (r *Record) frozen() *FrozenError {
	return &FrozenError{At: r.Frozen, Reason: cmp.Or(r.Reason, FreezePassphrase), UnlocksLeft: r.unlocksLeft()}
}

// unlocksLeft returns how many unlocks may still forget wrong claims.
func (r *Record) unlocksLeft() int { return max(0, MaxUnlocks-r.Unlocks) }

// passphrase reports whether reading needs a passphrase, as far as the header tells.
func (r *Record) passphrase() bool {
	h, err := header.Parse(r.Header[:])
	return err != nil || h.Passphrase
}

func (r *Record) lastTaken() time.Time {
	if len(r.Leases) == 0 {
		return time.Time{}
	}
	return r.Leases[len(r.Leases)-1].Taken
}

// tried reports whether a wrong claim is on record.
func (r *Record) tried(t [8]byte) bool { return slices.Contains(r.Tries, t) }

func (r *Record) log(event string, at time.Time) {
	r.Log = append(r.Log, Entry{Event: event, At: at})
	r.Log = r.Log[max(0, len(r.Log)-maxLog):]
}

// proves reports, in constant time, whether h is the hash of value.
func (h Hash) proves(value []byte) bool {
	sum := sha256.Sum256(value)
	return subtle.ConstantTimeCompare(h[:], sum[:]) == 1
}

// Target returns the properties of the secret that scopes of holds look at.
func (r *Record) Target() *hold.Target {
	return &hold.Target{
		ID: r.ID.String(), Week: week.Of(r.Expires), Created: r.Created,
		Key: r.Sealed.Key.Name, KeyVersion: r.Sealed.Key.Version,
	}
}

// activeHold returns the latest end of the holds that do mode to the record at t.
func activeHold(holds []hold.Hold, r *Record, mode hold.Mode, t time.Time) (until time.Time, held bool) {
	if len(holds) == 0 { // the usual case, which needs no target
		return time.Time{}, false
	}
	return hold.Until(holds, r.Target(), mode, t)
}
