package quarantine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Alert is what this service acts on in an alert of Microsoft Defender for Cloud.
type Alert struct {
	ID        string   // SystemAlertId, as it came
	Type      string   // such as KV_SuspiciousIPAccess
	Name      string   // for people; may be empty
	Severity  string   // such as Medium
	Status    string   // such as Active; may be empty
	Resources []string // the ARM ids that it names, in lower case, each once
}

// ParseAlert reads an alert in any form in which Defender sends it: from a Logic
// App (with the members at the top, or under body), from continuous export and from the alerts
// API (under properties). Members are found in any case, unknown ones are
// ignored, those of Alert must be there once and be what they should. At most
// MaxAlert bytes and MaxDepth levels. Errors: *secret.InvalidError, which names
// the member as the alerts API spells it.
func ParseAlert(data []byte) (Alert, error) {
	doc, err := parseDocument(data)
	if err != nil {
		return Alert{}, err
	}
	refs := references{}
	refs.index(doc)
	for _, wrapper := range []string{"body", "properties"} {
		if inner := doc.inner(wrapper); inner != nil && doc["systemalertid"] == nil {
			doc = inner
		}
	}
	var a Alert
	for _, m := range []struct {
		name     string
		to       *string
		required bool
	}{
		{"systemAlertId", &a.ID, true},
		{"alertType", &a.Type, true},
		{"severity", &a.Severity, true},
		{"status", &a.Status, false},
		{"alertDisplayName", &a.Name, false},
	} {
		if *m.to, err = doc.text(m.name); err != nil {
			return Alert{}, err
		}
		if err := checkMember(m.name, *m.to, m.required); err != nil {
			return Alert{}, err
		}
	}
	a.Resources, err = named(doc, refs)
	return a, err
}

// maxMember is the longest of the members that must be short, in bytes.
const maxMember = 512

func checkMember(name, value string, required bool) error {
	switch {
	case !required:
		return nil
	case strings.TrimSpace(value) == "":
		return &secret.InvalidError{Field: name, Reason: "is missing"}
	case len(value) > maxMember:
		return &secret.InvalidError{Field: name, Reason: fmt.Sprintf("must be at most %d bytes", maxMember)}
	case strings.ContainsFunc(value, unicode.IsControl):
		return &secret.InvalidError{Field: name, Reason: "must be one line of text"}
	}
	return nil
}

// over reports whether somebody has dealt with the alert.
func (a *Alert) over() bool {
	return strings.EqualFold(a.Status, "Resolved") || strings.EqualFold(a.Status, "Dismissed")
}

// Alert sets the hold that the alert calls for, or lifts its hold when it is
// Resolved or Dismissed. The same alert is the same hold, in whatever form and
// however often it comes, also once the hold is past. Errors:
// *secret.InvalidError, whose field is resources when the alert names none of
// ours; secret.ErrUnavailable: the hold may stand in part, and repeating completes it.
func (s *Service) Alert(ctx context.Context, a Alert) (Outcome, error) {
	id := holdID("alert", strings.ToLower(a.ID))
	if a.over() {
		return s.settle(ctx, a, id)
	}
	if why := s.Policy.leavesOut(a); why != "" {
		return Outcome{Reason: why}, nil
	}
	rule, scope, err := s.Policy.holdFor(a.Resources)
	if err != nil {
		return Outcome{}, err
	}
	now := s.now()
	h := hold.Hold{
		ID: id, Scope: scope, Modes: slices.Clone(rule.modes), Until: now.Add(s.Policy.Hold).Truncate(time.Second),
		Reason: a.reason(), Source: SourceDefender, Alert: a.ID, CreatedAt: now,
	}
	return s.place(ctx, h, func(*hold.Hold) error { return nil })
}

// settle lifts the hold of an alert that is over, if it has one.
func (s *Service) settle(ctx context.Context, a Alert, id string) (Outcome, error) {
	o, err := s.Release(ctx, id, "alert "+strings.ToLower(a.Status))
	if errors.Is(err, secret.ErrNotFound) {
		return Outcome{Reason: "the alert is " + strings.ToLower(a.Status) + " and has no hold"}, nil
	}
	return o, err
}

// severities from the least. One that is not known yet counts for more than all of them.
var severities = []string{"informational", "low", "medium", "high"}

func rank(severity string) int {
	if i := slices.Index(severities, strings.ToLower(severity)); i >= 0 {
		return i
	}
	return len(severities)
}

// leavesOut says why the filters leave the alert out, or nothing.
func (p *Policy) leavesOut(a Alert) string {
	is := func(t string) bool { return strings.EqualFold(t, a.Type) }
	switch {
	case rank(a.Severity) < rank(p.Severity):
		return "the severity is below " + p.Severity
	case len(p.Types) > 0 && !slices.ContainsFunc(p.Types, is):
		return "the type is not among those that raise a hold"
	}
	return ""
}

// reason tells people what the hold is for, in one line.
func (a *Alert) reason() string {
	text := "Defender alert " + a.Type
	if a.Name != "" {
		text += ": " + a.Name
	}
	text = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, text)
	return strings.ToValidUTF8(text[:min(len(text), MaxReason)], "")
}
