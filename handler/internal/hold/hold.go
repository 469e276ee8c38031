// Package hold defines what a hold is: which secrets it covers, what it forbids
// and for how long. The package does no I/O, and is independent of the stored form
// and of the API. Its values are safe for concurrent use as long as nobody changes
// them.
package hold

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Mode is one thing that a hold does to the secrets in its scope.
type Mode string

// The modes of a hold.
const (
	BlockRead   Mode = "block-read"   // no view is handed out
	BlockCreate Mode = "block-create" // no secret is created
	Preserve    Mode = "preserve"     // nothing is purged
)

// Sources of holds.
const (
	SourceOperator = "operator"
	SourceDefender = "defender" // an alert of Microsoft Defender for Cloud
	SourceAbuse    = "abuse"    // the service itself, in earlier versions: now it freezes secrets instead
)

// Hold freezes the secrets in its scope until it is released or Until has come.
// Times are UTC, in whole seconds.
type Hold struct {
	ID            string // 32 hexadecimal digits in lower case
	Scope         Scope
	Modes         []Mode // sorted, each once
	Until         time.Time
	Reason        string // one line of text
	Source        string // see SourceOperator
	Alert         string // the SystemAlertId; empty when no alert placed the hold
	CreatedAt     time.Time
	ReleasedAt    time.Time // zero unless the hold was released before Until
	ReleaseReason string
}

// Active reports whether the hold does mode at t.
func (h *Hold) Active(mode Mode, t time.Time) bool {
	return h.ReleasedAt.IsZero() && t.Before(h.Until) && slices.Contains(h.Modes, mode)
}

// End returns when the hold was released, or else when it ends by itself.
func (h *Hold) End() time.Time {
	if !h.ReleasedAt.IsZero() {
		return h.ReleasedAt
	}
	return h.Until
}

// Until returns the latest end among the holds that do mode to the target at t.
// active is false when there is none.
func Until(holds []Hold, target *Target, mode Mode, t time.Time) (until time.Time, active bool) {
	for i := range holds {
		if h := &holds[i]; h.Scope.Covers(target) && h.Active(mode, t) { // few holds cover it
			active = true
			if h.Until.After(until) {
				until = h.Until
			}
		}
	}
	return until, active
}

// Kind is the way in which a scope chooses secrets.
type Kind string

// The kinds of a scope.
const (
	ScopeAll    Kind = "all"
	ScopeWeek   Kind = "week"   // by the week in which they expire
	ScopeKey    Kind = "key"    // by the key that wraps their data keys
	ScopePeriod Kind = "period" // by the time of creation
	ScopePrefix Kind = "prefix" // by the first characters of their IDs
	ScopeID     Kind = "id"     // one secret
)

// Scope describes the secrets that a hold covers. Only the fields of its kind are set.
// Scopes can be compared once [Scope.Check] has accepted them.
type Scope struct {
	Kind    Kind
	Week    week.Week
	Name    string    // of the key
	Version string    // of the key; empty for all versions
	From    time.Time // inclusive
	To      time.Time // exclusive
	Prefix  string
	ID      string
}

// Target has the properties of a secret by which scopes choose.
type Target struct {
	ID         string
	Week       week.Week // in which it expires
	Key        string    // name of the key that wraps its data key
	KeyVersion string
	Created    time.Time
}

// Covers reports whether the target lies in the scope. A kind that this version
// does not know covers everything, since a hold must never forbid too little.
func (s *Scope) Covers(t *Target) bool {
	switch s.Kind {
	case ScopeWeek:
		return t.Week == s.Week
	case ScopeKey:
		return t.Key == s.Name && (s.Version == "" || t.KeyVersion == s.Version)
	case ScopePeriod:
		return !t.Created.Before(s.From) && t.Created.Before(s.To)
	case ScopePrefix:
		return strings.HasPrefix(t.ID, s.Prefix)
	case ScopeID:
		return t.ID == s.ID
	default:
		return true
	}
}

// FieldError names an invalid field of a scope and the rule that it breaks, never its
// value. Field is the field's name in lower case. Reason follows it in a sentence,
// such as "is missing".
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return "scope: " + e.Field + " " + e.Reason }

const idLength = 32 // characters

// keyText is the form of the name of a key in Key Vault, and of a version of it.
var keyText = regexp.MustCompile(`^[0-9A-Za-z-]{1,127}$`)

// Check returns the first rule that the scope breaks, as a *[FieldError]. It converts
// the times of the scope to UTC and whole seconds.
func (s *Scope) Check() error {
	s.From, s.To = s.From.UTC().Truncate(time.Second), s.To.UTC().Truncate(time.Second)
	switch s.Kind {
	case ScopeAll, ScopeWeek, ScopeKey, ScopePeriod, ScopePrefix, ScopeID:
	case "":
		return &FieldError{"kind", "is missing"}
	default:
		return &FieldError{"kind", "must be all, week, key, period, prefix or id"}
	}
	_, weekErr := week.Parse(string(s.Week))
	_, idErr := header.ParseID(s.ID)
	prefix := len(s.Prefix) <= idLength && strings.Trim(s.Prefix, header.Alphabet) == ""
	for _, f := range []struct {
		name         string
		kind         Kind
		empty, valid bool
		want         string
	}{
		{"week", ScopeWeek, s.Week == "", weekErr == nil, "must be a week such as 2026w47"},
		{"name", ScopeKey, s.Name == "", keyText.MatchString(s.Name), "must be the name of a key"},
		{"version", ScopeKey, s.Version == "", keyText.MatchString(s.Version), "must be the version of a key"},
		{"from", ScopePeriod, s.From.IsZero(), true, ""},
		{"to", ScopePeriod, s.To.IsZero(), s.To.After(s.From), "must come after from"},
		{"prefix", ScopePrefix, s.Prefix == "", prefix, "must be the first 1 to 32 characters of an id"},
		{"id", ScopeID, s.ID == "", idErr == nil, "must be an id of 32 characters"},
	} {
		switch {
		case f.kind != s.Kind && !f.empty:
			return &FieldError{f.name, "does not belong to this kind of scope"}
		case f.kind != s.Kind || f.empty && f.name == "version": // which means all versions
		case f.empty:
			return &FieldError{f.name, "is missing"}
		case !f.valid:
			return &FieldError{f.name, f.want}
		}
	}
	return nil
}
