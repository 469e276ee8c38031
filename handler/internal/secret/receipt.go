package secret

import (
	"context"
	"slices"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// maxEvents is the largest number of events in a receipt: the creation and the latest others.
const maxEvents = 100

// Receipt is what the sender may know of a secret.
type Receipt struct {
	State       State
	Reason      FreezeReason // of a frozen secret; otherwise empty
	Created     time.Time    // UTC
	Expires     time.Time    // UTC
	Views       int          // views left
	UnlocksLeft int          // how many unlocks may still forget wrong claims
	Events      []Entry      // the oldest first, at most 100
}

// Receipt returns the history of the secret, whether it can still be read or not.
// Errors: ErrNotFound, ErrUnavailable.
func (s *Service) Receipt(ctx context.Context, id header.ID, manage []byte) (Receipt, error) {
	v, err := s.load(ctx, id, hasManage(manage))
	if err != nil {
		return Receipt{}, err
	}
	active, err := s.store.ActiveHolds(ctx, id) // first: a hold is archived before it ceases to be active
	if err != nil {
		return Receipt{}, unavailable("look up holds", err)
	}
	past, err := s.store.PastHolds(ctx, v.Target(), v.Created)
	if err != nil {
		return Receipt{}, unavailable("look up past holds", err)
	}
	r := Receipt{Created: v.Created, Expires: v.Expires, Views: v.Views, UnlocksLeft: v.unlocksLeft()}
	if gone := v.over(v.now); gone != nil {
		r.State = gone.Reason
	} else {
		_, held := activeHold(active, v.Record, hold.BlockRead, v.now)
		r.State, r.Reason = v.state(held)
	}
	r.Events = v.events(slices.Concat(past, active))
	return r, nil
}

// events returns what happened to the row, the oldest first. Only refusals, freezes
// and unlocks are in its log; everything else follows from its other fields.
func (v *snapshot) events(holds []hold.Hold) []Entry {
	var all []Entry
	add := func(event string, at time.Time) {
		if !at.IsZero() && !at.After(v.now) {
			all = append(all, Entry{Event: event, At: at})
		}
	}
	for _, l := range v.Leases {
		add("read", l.Taken)
		add("acked", l.Acked)
		if notAfter(l.End, l.Acked) && notAfter(l.End, v.Revoked) {
			add("lapsed", l.End)
		}
	}
	for _, e := range v.Log {
		add(e.Event, e.At)
	}
	add("revoked", v.Revoked)
	if v.Views > 0 && notAfter(v.Expires, v.Revoked) { // unread
		add("expired", v.Expires)
	}
	v.addHolds(holds, &all, add)
	slices.SortStableFunc(all, func(a, b Entry) int { return a.At.Compare(b.At) })
	created := Entry{Event: "created", At: v.Created}
	return append([]Entry{created}, all[max(0, len(all)-(maxEvents-1)):]...)
}

// notAfter reports whether t is not after the end. A zero end never comes.
func notAfter(t, end time.Time) bool { return end.IsZero() || !t.After(end) }

// addHolds adds the holds that covered the row, and sets Held of an expiry inside one.
func (v *snapshot) addHolds(holds []hold.Hold, all *[]Entry, add func(string, time.Time)) {
	target := v.Target()
	seen := map[string]bool{} // while a hold is being released it is both past and active; past ones come first
	for i := range holds {
		h := &holds[i]
		end := h.End()
		if seen[h.ID] || !h.Scope.Covers(target) || !end.After(v.Created) {
			continue
		}
		seen[h.ID] = true
		add("held", later(h.CreatedAt, v.Created))
		add("released", end)
		for j := range *all {
			e := &(*all)[j]
			e.Held = e.Held || e.Event == "expired" && !e.At.Before(h.CreatedAt) && e.At.Before(end)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
