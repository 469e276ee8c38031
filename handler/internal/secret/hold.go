package secret

import (
	"slices"
	"strings"
	"time"
)

// Mode is what a hold does to the secrets in its scope.
type Mode string

// The modes of a hold.
const (
	BlockRead   Mode = "block-read"
	BlockCreate Mode = "block-create"
	Preserve    Mode = "preserve" // nothing is purged
)

// Kind says how a scope chooses secrets.
type Kind string

// The kinds of a scope.
const (
	ScopeAll    Kind = "all"
	ScopeWeek   Kind = "week"
	ScopeKey    Kind = "key"
	ScopePeriod Kind = "period"
	ScopePrefix Kind = "prefix"
	ScopeID     Kind = "id"
)

// Scope says which secrets a hold covers. Only the members of its kind are set.
type Scope struct {
	Kind    Kind      `json:"kind"`
	Week    Week      `json:"week,omitempty"`
	Name    string    `json:"name,omitempty"`
	Version string    `json:"version,omitempty"`
	From    time.Time `json:"from,omitzero"` // of creation, inclusive
	To      time.Time `json:"to,omitzero"`   // exclusive
	Prefix  string    `json:"prefix,omitempty"`
	ID      string    `json:"id,omitempty"`
}

// Hold freezes the secrets in its scope until it is released or its end has come.
type Hold struct {
	ID            string    `json:"id"`
	Scope         Scope     `json:"scope"`
	Modes         []Mode    `json:"modes"`
	Until         time.Time `json:"until"`
	Reason        string    `json:"reason"`
	Source        string    `json:"source"`
	Alert         string    `json:"alert,omitempty"`
	CreatedAt     time.Time `json:"created_at"`
	ReleasedAt    time.Time `json:"released_at,omitzero"`
	ReleaseReason string    `json:"release_reason,omitempty"`
}

// Covers reports whether the record lies in the scope. A kind that this
// version does not know covers everything: a hold errs on the safe side.
func (s Scope) Covers(r *Record) bool { return s.covers(r, namesOf(r)) }

// names are what scopes compare as text, made once for a hundred holds.
type names struct {
	id   string
	week Week
}

func namesOf(r *Record) names { return names{r.ID.String(), WeekOf(r.Expires)} }

func (s *Scope) covers(r *Record, n names) bool {
	switch s.Kind {
	case ScopeWeek:
		return n.week == s.Week
	case ScopeKey:
		return r.Sealed.Key.Name == s.Name && (s.Version == "" || r.Sealed.Key.Version == s.Version)
	case ScopePeriod:
		return !r.Created.Before(s.From) && r.Created.Before(s.To)
	case ScopePrefix:
		return strings.HasPrefix(n.id, s.Prefix)
	case ScopeID:
		return n.id == s.ID
	default:
		return true
	}
}

// mayCover reports whether any secret that expires in the week could lie in the scope.
func (s Scope) mayCover(w Week) bool {
	switch s.Kind {
	case ScopeWeek:
		return s.Week == w
	case ScopeID:
		id, err := ParseID(s.ID)
		return err != nil || WeekOf(id.Slot().Start()) == w
	default:
		return true
	}
}

// active reports whether the hold does mode at t.
func (h *Hold) active(mode Mode, t time.Time) bool {
	return h.ReleasedAt.IsZero() && t.Before(h.Until) && slices.Contains(h.Modes, mode)
}

// held returns the latest end among the holds that do mode to the record at t.
func held(holds []Hold, r *Record, mode Mode, t time.Time) (until time.Time, is bool) {
	if len(holds) == 0 {
		return until, false
	}
	n := namesOf(r)
	for i := range holds {
		if h := &holds[i]; h.Scope.covers(r, n) && h.active(mode, t) { // few cover it
			is = true
			if h.Until.After(until) {
				until = h.Until
			}
		}
	}
	return until, is
}

// end returns when the hold was released, or else when it ends by itself.
func (h *Hold) end() time.Time {
	if !h.ReleasedAt.IsZero() {
		return h.ReleasedAt
	}
	return h.Until
}
