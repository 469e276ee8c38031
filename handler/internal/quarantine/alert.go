package quarantine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// alert has the members of an alert of Microsoft Defender for Cloud that decide on a hold.
type alert struct {
	ID        string   // SystemAlertId, unchanged
	Type      string   // such as KV_SuspiciousIPAccess
	Name      string   // for people; may be empty
	Severity  string   // such as Medium
	Status    string   // such as Active; may be empty
	Resources []string // the ARM ids in it, in lower case, each once
}

// ErrOwnRequest is returned for a body with the member scope: it is an operator's
// own request and no alert.
var ErrOwnRequest error = &secret.InvalidError{Field: "scope", Reason: "does not belong to an alert"}

// parseAlert reads an alert. Errors: *secret.InvalidError, which names the member as
// the alerts API spells it; [ErrOwnRequest].
func parseAlert(data []byte) (alert, error) {
	doc, err := parseDocument(data)
	if err != nil {
		return alert{}, err
	}
	if _, own := doc["scope"]; own {
		return alert{}, ErrOwnRequest
	}
	refs := references{}
	refs.index(doc)
	for _, wrapper := range []string{"body", "properties"} {
		if inner, is := doc[wrapper].(document); is && doc["systemalertid"] == nil {
			doc = inner
		}
	}
	var a alert
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
		*m.to, err = doc.text(m.name)
		if err == nil && m.required {
			err = checkLine(m.name, *m.to, maxMember)
		}
		if err != nil {
			return alert{}, err
		}
	}
	a.Resources, err = resourcesOf(doc, refs)
	return a, err
}

// maxMember is the longest id, type and severity, in bytes.
const maxMember = 512

// Alert places the hold that an alert calls for, or releases it when the alert is
// Resolved or Dismissed. Repeated deliveries of an alert, in any form, concern the
// same hold, even after it was archived.
//
// data is the alert in any form in which Defender sends it: from a Logic App (with
// its members at the top or in body), from continuous export, and from the alerts
// API (in properties); at most [MaxAlert] bytes and 64 levels. The case of member
// names does not matter, and unknown members are ignored.
//
// Errors: *secret.InvalidError, which names the member as the alerts API spells it,
// or resources when none of the resources in the alert is in the policy;
// [ErrOwnRequest]; secret.ErrUnavailable: the hold may be placed in part, and a
// repeated call completes that.
func (s *Service) Alert(ctx context.Context, data []byte) (Outcome, error) {
	a, err := parseAlert(data)
	if err != nil {
		return Outcome{}, err
	}
	id := holdID("alert", strings.ToLower(a.ID))
	if status := strings.ToLower(a.Status); status == "resolved" || status == "dismissed" { // somebody has dealt with it
		o, err := s.Release(ctx, id, "alert "+status)
		if errors.Is(err, secret.ErrNotFound) {
			return Outcome{Reason: "the alert is " + status + " and has no hold"}, nil
		}
		return o, err
	}
	if reason := s.Policy.ignores(a); reason != "" {
		return Outcome{Reason: reason}, nil
	}
	scope, err := s.Policy.scopeOf(a.Resources)
	if err != nil {
		return Outcome{}, err
	}
	now := s.now()
	h := hold.Hold{
		ID: id, Scope: scope, Modes: []hold.Mode{hold.BlockCreate, hold.BlockRead}, Until: now.Add(s.Policy.Hold).Truncate(time.Second),
		Reason: a.reason(), Source: hold.SourceDefender, Alert: a.ID, CreatedAt: now,
	}
	return s.place(ctx, h, func(*hold.Hold) error { return nil })
}

// severities are ordered from the lowest. An unknown one ranks above all of them.
var severities = []string{"informational", "low", "medium", "high"}

func rank(severity string) int {
	if i := slices.Index(severities, strings.ToLower(severity)); i >= 0 {
		return i
	}
	return len(severities)
}

// ignores returns why the policy ignores the alert, "" when it does not.
func (p *Policy) ignores(a alert) string {
	is := func(t string) bool { return strings.EqualFold(t, a.Type) }
	switch {
	case rank(a.Severity) < rank(p.Severity):
		return "the severity is below " + p.Severity
	case len(p.Types) > 0 && !slices.ContainsFunc(p.Types, is):
		return "the type is not among those that place a hold"
	}
	return ""
}

// reason returns the reason of the hold, in one line.
func (a *alert) reason() string {
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
	return strings.ToValidUTF8(text[:min(len(text), maxReason)], "")
}
