package quarantine

import (
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	idLetters = "0123456789abcdefghjkmnpqrstvwxyz"
	idLength  = 32
	maxName   = 127 // of a key, as Key Vault has it
)

// checkScope answers what is wrong with a scope, and puts its times in their one form.
func checkScope(s *secret.Scope) error {
	s.From, s.To = s.From.UTC().Truncate(time.Second), s.To.UTC().Truncate(time.Second)
	check, known := map[secret.Kind]func(*secret.Scope) error{
		secret.ScopeAll:    func(*secret.Scope) error { return nil },
		secret.ScopeWeek:   checkWeek,
		secret.ScopeKey:    checkKey,
		secret.ScopePeriod: checkPeriod,
		secret.ScopePrefix: checkPrefix,
		secret.ScopeID:     checkID,
	}[s.Kind]
	switch {
	case s.Kind == "":
		return invalid("kind", "is missing")
	case !known:
		return invalid("kind", "must be all, week, key, period, prefix or id")
	}
	if err := check(s); err != nil {
		return err
	}
	return checkOthers(*s)
}

// checkOthers answers which member stands that is not of the scope's kind.
func checkOthers(s secret.Scope) error {
	for _, m := range []struct {
		name  string
		kind  secret.Kind
		empty bool
	}{
		{"week", secret.ScopeWeek, s.Week == ""},
		{"name", secret.ScopeKey, s.Name == ""},
		{"version", secret.ScopeKey, s.Version == ""},
		{"from", secret.ScopePeriod, s.From.IsZero()},
		{"to", secret.ScopePeriod, s.To.IsZero()},
		{"prefix", secret.ScopePrefix, s.Prefix == ""},
		{"id", secret.ScopeID, s.ID == ""},
	} {
		if m.kind != s.Kind && !m.empty {
			return invalid(m.name, "does not belong to this kind of scope")
		}
	}
	return nil
}

func checkWeek(s *secret.Scope) error {
	if _, err := secret.ParseWeek(string(s.Week)); err != nil {
		return invalid("week", "must be a week such as 2026w47")
	}
	return nil
}

func checkKey(s *secret.Scope) error {
	switch {
	case s.Name == "":
		return invalid("name", "is missing")
	case !isName(s.Name):
		return invalid("name", "must be the name of a key")
	case s.Version != "" && !isName(s.Version):
		return invalid("version", "must be the version of a key")
	}
	return nil
}

func isName(s string) bool {
	other := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
	}
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s, other)
}

func checkPeriod(s *secret.Scope) error {
	switch {
	case s.From.IsZero():
		return invalid("from", "is missing")
	case s.To.IsZero():
		return invalid("to", "is missing")
	case !s.To.After(s.From):
		return invalid("to", "must come after from")
	}
	return nil
}

func checkPrefix(s *secret.Scope) error {
	other := func(c rune) bool { return !strings.ContainsRune(idLetters, c) }
	if s.Prefix == "" || len(s.Prefix) > idLength || strings.ContainsFunc(s.Prefix, other) {
		return invalid("prefix", "must be the first 1 to 32 characters of an id")
	}
	return nil
}

func checkID(s *secret.Scope) error {
	if _, err := secret.ParseID(s.ID); err != nil {
		return invalid("id", "must be an id of 32 characters")
	}
	return nil
}

func invalid(member, reason string) error {
	return &secret.InvalidError{Field: "scope." + member, Reason: reason}
}
