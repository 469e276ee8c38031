package simulation

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// history has the events that the promises are about.
type history struct {
	taken       map[secret.Hash]moment // when a key took a view
	served      map[secret.Hash]bool   // keys that were handed the secret
	acked       map[secret.Hash]moment // when a 204 was sent
	tried       map[[8]byte]bool       // claims on record, ever
	refused     map[[8]byte]bool       // claims refused as wrong
	unlocked    map[secret.Hash]bool   // keys that ended a freeze or forgot tries
	frozen      moment
	unlockedAt  time.Time // by the last unlock
	replaced    bool      // by another secret with the same id
	revoked     moment    // when a 204 was sent
	everRevoked bool
	everDeleted bool
	hold        moment // when it was placed; zero when none is active
}

func newHistory() history {
	return history{
		taken: map[secret.Hash]moment{}, served: map[secret.Hash]bool{}, acked: map[secret.Hash]moment{},
		tried: map[[8]byte]bool{}, refused: map[[8]byte]bool{}, unlocked: map[secret.Hash]bool{},
	}
}

// checkWrite checks a write that takes effect.
func (w *world) checkWrite(k *call, prev, next *secret.Record) {
	w.checkViews(prev, next)
	w.checkTries(prev, next)
	w.checkFreeze(k, prev, next)
	if !prev.Revoked.IsZero() && next.Revoked.IsZero() || prev.Cleared && !next.Cleared {
		w.fail("a revocation or a clearing was undone")
	}
	if prev.Revoked.IsZero() && !next.Revoked.IsZero() {
		w.everRevoked = true
		if !bytes.Equal(k.claim, rightClaim) {
			w.fail("revoked by a wrong claim")
		}
	}
	if next.Cleared && !prev.Cleared {
		w.checkClearing(k, next)
	}
}

func (w *world) checkClearing(k *call, next *secret.Record) {
	if next.Revoked.IsZero() && leased(next) {
		w.fail("cleared under a live lease")
	}
	if w.inHold(k, hold.Preserve) {
		w.fail("cleared under a hold that preserves")
	}
}

func leased(r *secret.Record) bool {
	return slices.ContainsFunc(r.Leases, func(l secret.Lease) bool { return l.Acked.IsZero() && time.Now().Before(l.End) })
}

func (w *world) checkViews(prev, next *secret.Record) {
	if next.Views+len(next.Leases) != w.views {
		w.fail("%d views left and %d taken, of %d", next.Views, len(next.Leases), w.views)
	}
	for _, l := range prev.Leases {
		i := slices.IndexFunc(next.Leases, func(m secret.Lease) bool { return m.Key == l.Key })
		if i < 0 || next.Leases[i].End.Before(l.End) || !l.Acked.IsZero() && next.Leases[i].Acked.IsZero() {
			w.fail("a lease was lost or shortened")
		}
	}
	if next.Views >= prev.Views || len(next.Leases) == 0 {
		return
	}
	key := next.Leases[len(next.Leases)-1].Key
	if w.taken[key] != 0 {
		w.fail("a key took two views")
	}
	w.taken[key] = moment(w.moments.Add(1))
	if !prev.Frozen.IsZero() || !prev.Revoked.IsZero() {
		w.fail("a view was taken of a frozen or revoked secret")
	}
}

func (w *world) checkTries(prev, next *secret.Record) {
	unlocked := !prev.Frozen.IsZero() && next.Frozen.IsZero() || len(next.Tries) < len(prev.Tries)
	if unlocked {
		if next.Unlock == prev.Unlock || w.unlocked[next.Unlock] {
			w.fail("a freeze ended, or tries were forgotten, by a key that was used before or by no key")
		}
		w.unlocked[next.Unlock] = true
		w.unlockedAt = time.Now()
		w.frozen = 0
	}
	if forgotten := len(next.Tries) < len(prev.Tries); forgotten && (next.Unlocks != prev.Unlocks+1 || next.Unlocks > secret.MaxUnlocks) {
		w.fail("tries were forgotten, and %d unlocks became %d", prev.Unlocks, next.Unlocks)
	} else if forgotten && prev.Reason == secret.FreezeAddresses {
		w.fail("tries were forgotten by the end of a freeze for addresses")
	}
	for _, t := range next.Tries {
		w.tried[t] = true
	}
	if prev.Frozen.IsZero() && !next.Frozen.IsZero() {
		w.frozen = moment(w.moments.Add(1))
	}
}

// checkFreeze checks a freeze for uses from too many addresses.
func (w *world) checkFreeze(k *call, prev, next *secret.Record) {
	switch {
	case next.Reason != secret.FreezeAddresses || prev.Reason == next.Reason:
	case !prev.Frozen.IsZero():
		w.fail("a freeze got another reason")
	case prev.Views == 0 || !prev.Revoked.IsZero() || !time.Now().Before(prev.Expires):
		w.fail("frozen after the end")
	case !w.unlockedAt.IsZero() && !w.unlockedAt.Before(k.client.since):
		w.fail("frozen for uses before the unlock")
	}
}

// checkWork checks that a call proves before it does anything but look at the row.
func (w *world) checkWork(k *call, step string) {
	late := slices.Contains([]string{"load", "get", "open", "add reminder"}, step)
	switch {
	case k.outside && step != "peek":
		w.fail("%s without access", step)
	case late && k.claim != nil && !bytes.Equal(k.claim, rightClaim):
		w.fail("%s for a wrong claim", step)
	}
}

// checkOpening checks that a call opens an envelope once.
func (w *world) checkOpening(k *call) {
	if k.opened++; k.opened > 1 && !w.replaced {
		w.fail("opened twice by one call")
	}
}

// checkAnswer checks an answer when it is sent.
func (w *world) checkAnswer(k *call, value any, err error) {
	var wrong *secret.WrongClaimError
	switch {
	case k.outside:
		if !errors.Is(err, secret.ErrNotFound) && !k.unplanned {
			w.fail("a caller without access got %v", err)
		}
	case errors.As(err, &wrong):
		w.checkRefusal(k)
	case k.verb == "read" && err == nil:
		w.checkServed(k, value)
	case k.verb == "create" && err == nil && value.(bool):
		if w.inHold(k, hold.BlockCreate) {
			w.fail("created in a hold")
		}
	case k.claim != nil && !k.client.manages && errors.Is(err, secret.ErrUnavailable):
		if w.taken[sha256.Sum256(k.client.key)] == 0 && w.frozen != 0 && k.unopened > w.frozen && !k.unplanned {
			w.fail("a right claim got another answer on a frozen secret")
		}
	case k.verb == "ack" && err == nil:
		w.acked[sha256.Sum256(k.client.key)] = moment(w.moments.Add(1))
	case k.verb == "revoke" && err == nil:
		w.revoked = moment(w.moments.Add(1))
	}
}

func (w *world) checkRefusal(k *call) {
	sum := sha256.Sum256(k.claim)
	try := [8]byte(sum[:8])
	if !w.tried[try] {
		w.fail("a claim was refused as wrong before the try was written")
	}
	w.refused[try] = true
	if len(w.refused) > triesMax*(1+len(w.unlocked)) {
		w.fail("%d claims were refused as wrong", len(w.refused))
	}
	if k.verb == "read" && w.inHold(k, hold.BlockRead) {
		w.fail("a claim was checked in a hold")
	}
}

func (w *world) checkServed(k *call, value any) {
	key := sha256.Sum256(k.client.key)
	w.served[key] = true
	switch {
	case len(w.served) > w.views:
		w.fail("more than the views were served")
	case !bytes.Equal(value.([]byte), w.plaintext[:]):
		w.fail("served something else")
	case !bytes.Equal(k.claim, rightClaim):
		w.fail("served for a wrong claim")
	case w.taken[key] == 0:
		w.fail("served without a view")
	case w.revoked != 0 && k.begun > w.revoked, w.acked[key] != 0 && k.begun > w.acked[key]:
		w.fail("served after a 204")
	case w.inHold(k, hold.BlockRead):
		w.fail("served in a hold")
	}
}

// checkReaders checks that every view that was taken reached its reader, if that one kept asking.
func (w *world) checkReaders() {
	for _, c := range w.clients {
		if c.persists && w.taken[sha256.Sum256(c.key)] != 0 && !c.delivered && !w.everRevoked {
			w.fail("%s lost its view", c.name)
		}
	}
}

// checkSpent checks that nothing is left of an envelope that can no longer be served.
func (w *world) checkSpent(when string) {
	r := w.row
	if r == nil {
		return
	}
	over := r.Views == 0 || !r.Revoked.IsZero() || !time.Now().Before(r.Expires)
	if over && !leased(r) && r.Sealed.Envelope != nil {
		w.fail("the envelope stays %s", when)
	}
}
