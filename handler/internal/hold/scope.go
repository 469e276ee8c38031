package hold

import (
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Kind says how a scope chooses secrets.
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

// Scope says which secrets a hold covers. Only the fields of its kind are set.
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

// Target has the properties of a secret that scopes look at.
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

// FieldError says which field of a scope is wrong and why, never its value.
// Field is the field's name in lower case.
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return "scope: " + e.Field + " " + e.Reason }

const (
	idLength = 32
	maxName  = 127 // of a key in Key Vault
)

// Check reports what is wrong with a scope, as a *[FieldError], and brings its
// times to UTC and whole seconds.
func (s *Scope) Check() error {
	s.From, s.To = s.From.UTC().Truncate(time.Second), s.To.UTC().Truncate(time.Second)
	check, known := map[Kind]func(*Scope) error{
		ScopeAll:    func(*Scope) error { return nil },
		ScopeWeek:   checkWeek,
		ScopeKey:    checkKey,
		ScopePeriod: checkPeriod,
		ScopePrefix: checkPrefix,
		ScopeID:     checkID,
	}[s.Kind]
	switch {
	case s.Kind == "":
		return &FieldError{"kind", "is missing"}
	case !known:
		return &FieldError{"kind", "must be all, week, key, period, prefix or id"}
	}
	if err := check(s); err != nil {
		return err
	}
	return s.checkOthers()
}

// checkOthers refuses a field that belongs to another kind of scope.
func (s *Scope) checkOthers() error {
	for _, f := range []struct {
		name  string
		kind  Kind
		empty bool
	}{
		{"week", ScopeWeek, s.Week == ""},
		{"name", ScopeKey, s.Name == ""},
		{"version", ScopeKey, s.Version == ""},
		{"from", ScopePeriod, s.From.IsZero()},
		{"to", ScopePeriod, s.To.IsZero()},
		{"prefix", ScopePrefix, s.Prefix == ""},
		{"id", ScopeID, s.ID == ""},
	} {
		if f.kind != s.Kind && !f.empty {
			return &FieldError{f.name, "does not belong to this kind of scope"}
		}
	}
	return nil
}

func checkWeek(s *Scope) error {
	if _, err := week.Parse(string(s.Week)); err != nil {
		return &FieldError{"week", "must be a week such as 2026w47"}
	}
	return nil
}

func checkKey(s *Scope) error {
	switch {
	case s.Name == "":
		return &FieldError{"name", "is missing"}
	case !isName(s.Name):
		return &FieldError{"name", "must be the name of a key"}
	case s.Version != "" && !isName(s.Version):
		return &FieldError{"version", "must be the version of a key"}
	}
	return nil
}

func isName(s string) bool {
	other := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
	}
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s, other)
}

func checkPeriod(s *Scope) error {
	switch {
	case s.From.IsZero():
		return &FieldError{"from", "is missing"}
	case s.To.IsZero():
		return &FieldError{"to", "is missing"}
	case !s.To.After(s.From):
		return &FieldError{"to", "must come after from"}
	}
	return nil
}

func checkPrefix(s *Scope) error {
	if s.Prefix == "" || len(s.Prefix) > idLength || !isIDText(s.Prefix) {
		return &FieldError{"prefix", "must be the first 1 to 32 characters of an id"}
	}
	return nil
}

func checkID(s *Scope) error {
	if _, err := header.ParseID(s.ID); err != nil {
		return &FieldError{"id", "must be an id of 32 characters"}
	}
	return nil
}

func isIDText(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return !strings.ContainsRune(header.Alphabet, c) })
}
