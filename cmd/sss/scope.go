package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope"
)

var (
	errScope = errors.New("--scope: want all, week=2026w47, key=NAME, key=NAME/VERSION, period=FROM..TO, prefix=START or id=ID")
	errTime  = errors.New("want a time such as 2026-11-25T03:00:00Z, or in UTC 2026-11-25T03:00 or 2026-11-25")

	weekForm = regexp.MustCompile(`^[0-9]{4}w[0-9]{2}$`)
	idForm   = regexp.MustCompile(`^[0-9a-z]{32}$`)
)

// parseScope reads the value of --scope, which scopeText writes.
func parseScope(s string) (api.Scope, error) {
	kind, value, has := strings.Cut(s, "=")
	scope := api.Scope{Kind: kind}
	if (kind == api.ScopeAll) == has || has && value == "" {
		return scope, errScope
	}
	var err error
	switch kind {
	case api.ScopeAll:
	case api.ScopeWeek:
		scope.Week = value
		if !weekForm.MatchString(value) {
			err = errors.New("--scope: want a week such as 2026w47")
		}
	case api.ScopeKey:
		scope.Name, scope.Version, _ = strings.Cut(value, "/")
	case api.ScopePeriod:
		scope.From, scope.To, err = parsePeriod(value)
	case api.ScopePrefix:
		scope.Prefix = value
	case api.ScopeID:
		scope.ID, err = parseID(value)
	default:
		err = errScope
	}
	return scope, err
}

// parseID reads an id. From either link of a secret it takes the id only.
func parseID(s string) (string, error) {
	if link, err := envelope.ParseLink(s); err == nil {
		return link.ID().String(), nil
	}
	if manage, err := envelope.ParseManageLink(s); err == nil {
		return manage.ID.String(), nil
	}
	if !idForm.MatchString(s) {
		return "", errors.New("--scope: want an id of 32 characters, or a link")
	}
	return s, nil
}

func parsePeriod(s string) (from, to time.Time, err error) {
	first, second, found := strings.Cut(s, "..")
	if from, err = parseTime(first); err == nil {
		to, err = parseTime(second)
	}
	switch {
	case !found:
		err = errScope
	case err != nil:
		err = fmt.Errorf("--scope: %w", err)
	case !to.After(from):
		err = errors.New("--scope: the period ends before it begins")
	}
	return from, to, err
}

func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errTime
}

// scopeText formats a scope as parseScope reads it. For an unknown kind it returns
// the kind and the members that are set.
func scopeText(s api.Scope) string {
	text := strings.TrimSuffix(s.Kind+"="+cmp.Or(s.Week, s.Name, s.Prefix, s.ID), "=")
	switch {
	case s.Version != "":
		text += "/" + s.Version
	case !s.From.IsZero():
		text += "=" + shortTime(s.From) + ".." + shortTime(s.To)
	}
	return text
}

// shortTime leaves out seconds that are zero.
func shortTime(t time.Time) string {
	return strings.TrimSuffix(t.UTC().Format("2006-01-02T15:04:05"), ":00") + "Z"
}

// scopeWords describes the secrets in a scope.
func scopeWords(s api.Scope) string {
	switch s.Kind {
	case api.ScopeWeek:
		return "every secret that expires in week " + s.Week
	case api.ScopeKey:
		version := ""
		if s.Version != "" {
			version = " of version " + s.Version
		}
		return "every secret sealed under the key " + s.Name + version
	case api.ScopePeriod:
		return "every secret created from " + stamp(s.From) + " until before " + stamp(s.To)
	case api.ScopePrefix:
		return "every secret whose id begins with " + s.Prefix
	case api.ScopeID:
		return "the one secret " + s.ID
	}
	return "every secret"
}
