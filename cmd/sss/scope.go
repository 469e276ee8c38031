package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

var (
	errScope = errors.New("--scope: want all, week=2026w47, key=NAME, key=NAME/VERSION, period=FROM..TO, prefix=START or id=ID")
	errTime  = errors.New("want a time such as 2026-11-25T03:00:00Z, or in UTC 2026-11-25T03:00 or 2026-11-25")

	weekForm = regexp.MustCompile(`^[0-9]{4}w[0-9]{2}$`)
	idForm   = regexp.MustCompile(`^[0-9a-z]{32}$`)
)

// parseScope reads the value of --scope, as scopeText writes it.
func parseScope(s string) (client.Scope, error) {
	kind, value, has := strings.Cut(s, "=")
	scope := client.Scope{Kind: kind}
	if (kind == "all") == has || has && value == "" {
		return scope, errScope
	}
	var err error
	switch kind {
	case "all":
	case "week":
		scope.Week = value
		if !weekForm.MatchString(value) {
			err = errors.New("--scope: want a week such as 2026w47")
		}
	case "key":
		scope.Name, scope.Version, _ = strings.Cut(value, "/")
	case "period":
		scope.From, scope.To, err = parsePeriod(value)
	case "prefix":
		scope.Prefix = value
	case "id":
		scope.ID, err = parseID(value)
	default:
		err = errScope
	}
	return scope, err
}

// parseID takes an id, or either link of a secret, of which it keeps the id alone.
func parseID(s string) (string, error) {
	if link, err := envelope.ParseLink(s); err == nil {
		return envelope.FormatID(link.ID()), nil
	}
	if manage, err := envelope.ParseManageLink(s); err == nil {
		return envelope.FormatID(manage.ID), nil
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

// scopeText is a scope as parseScope reads it. Of a kind that this version does
// not know, it is the kind.
func scopeText(s client.Scope) string {
	text := s.Kind
	switch s.Kind {
	case "week":
		text += "=" + s.Week
	case "key":
		text += "=" + strings.TrimSuffix(s.Name+"/"+s.Version, "/")
	case "period":
		text += "=" + shortTime(s.From) + ".." + shortTime(s.To)
	case "prefix":
		text += "=" + s.Prefix
	case "id":
		text += "=" + s.ID
	}
	return text
}

// shortTime leaves out the seconds where there are none.
func shortTime(t time.Time) string {
	return strings.TrimSuffix(t.UTC().Format("2006-01-02T15:04:05"), ":00") + "Z"
}

// scopeWords says which secrets a scope covers.
func scopeWords(s client.Scope) string {
	switch s.Kind {
	case "week":
		return "every secret that expires in the week " + s.Week
	case "key":
		version := ""
		if s.Version != "" {
			version = " of version " + s.Version
		}
		return "every secret sealed under the key " + s.Name + version
	case "period":
		return "every secret made from " + stamp(s.From) + " until before " + stamp(s.To)
	case "prefix":
		return "every secret whose id begins with " + s.Prefix
	case "id":
		return "the one secret " + s.ID
	}
	return "every secret"
}
