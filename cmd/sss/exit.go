package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

var errUsage = errors.New("usage")

// outcome is a row of the table of exit codes.
type outcome struct {
	err  error
	code int
	name string // in --json
	text string // in --help, once for each code
}

var outcomes = []outcome{
	{errUsage, 2, "usage", "the command line is wrong"},
	{client.ErrServer, 2, "usage", ""},
	{client.ErrGone, 3, "gone", "gone: read, revoked or expired"},
	{client.ErrNotFound, 3, "gone", ""},
	{client.ErrWrongPassphrase, 4, "wrong-passphrase", "wrong passphrase"},
	{client.ErrHeld, 5, "held", "held by the operator"},
	{client.ErrFrozen, 6, "frozen", "frozen: too many wrong passphrases, or too many addresses"},
	{client.ErrUnreachable, 7, "unreachable", "the server cannot be reached or is busy"},
	{client.ErrUnavailable, 7, "unreachable", ""},
	{client.ErrRateLimited, 7, "unreachable", ""},
	{envelope.ErrLink, 8, "bad-link", "not a valid link"},
	{errNoMeta, 9, "no-description", "opened, but the description of the data cannot be read"},
	{client.ErrFull, 1, "full", ""},
}

// exits returns the exit codes for the help.
func exits() string {
	lines := []string{"Exit codes:", "  0  success", "  1  another error"}
	for _, o := range outcomes {
		if o.text != "" {
			lines = append(lines, fmt.Sprintf("  %d  %s", o.code, o.text))
		}
	}
	return strings.Join(lines, "\n")
}

func classify(err error) (code int, name string) {
	for _, o := range outcomes {
		if errors.Is(err, o.err) {
			return o.code, o.name
		}
	}
	return 1, "other"
}

// report prints the error, if any, and returns the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return 0
	}
	code, name := classify(err)
	text := explain(err)
	a.say("sss: %s", text)
	var u *unsaved
	if errors.As(err, &u) {
		a.say("%s", u.again())
	}
	if a.json && !errors.Is(err, errNoMeta) { // the result is printed already
		_ = a.print(failure(err, name, text, code))
	}
	return code
}

func failure(err error, name, text string, code int) any {
	type details struct {
		Type        string    `json:"type"`
		Message     string    `json:"message"`
		Exit        int       `json:"exit"`
		Reason      string    `json:"reason,omitempty"`
		At          time.Time `json:"at,omitzero"`
		Until       time.Time `json:"until,omitzero"`
		TriesLeft   *int      `json:"tries_left,omitempty"`
		UnlocksLeft *int      `json:"unlocks_left,omitempty"`
		Again       string    `json:"again,omitempty"` // for open --again
	}
	d := details{Type: name, Message: text, Exit: code}
	var p *client.Problem
	if errors.As(err, &p) {
		d.Reason, d.At, d.Until, d.TriesLeft, d.UnlocksLeft = p.Reason, p.At, p.Until, p.TriesLeft, p.UnlocksLeft
	}
	var u *unsaved
	if errors.As(err, &u) {
		d.Again = u.key
	}
	return map[string]details{"error": d}
}

// explain returns an error as people read it, in one line.
func explain(err error) string {
	text := err.Error()
	var p *client.Problem
	switch {
	case errors.Is(err, context.Canceled):
		text = "interrupted"
	case errors.Is(err, client.ErrServer):
		text += ", or --allow-http if the network is safe"
	case errors.Is(err, errUsage):
		text = strings.TrimPrefix(text, errUsage.Error()+": ") + " (see sss --help)"
	case errors.As(err, &p):
		text = problem(p)
	}
	return oneLine(text)
}

// endings are the reasons why a secret is gone.
var endings = map[string]string{api.ReasonRead: "was read", api.ReasonRevoked: "was revoked", api.ReasonExpired: "expired"}

// problem explains a problem. The server's text is used only for the kinds that have no text here.
func problem(p *client.Problem) string {
	switch {
	case errors.Is(p, client.ErrGone) && endings[p.Reason] != "":
		return "gone: it " + endings[p.Reason] + moment(" at ", p.At)
	case errors.Is(p, client.ErrGone):
		return "gone"
	case errors.Is(p, client.ErrNotFound):
		return "not found: there never was such a secret, or its receipt has been deleted, too"
	case errors.Is(p, client.ErrWrongPassphrase) && p.TriesLeft == nil:
		return "wrong passphrase"
	case errors.Is(p, client.ErrWrongPassphrase) && *p.TriesLeft == 0:
		return "wrong passphrase; the secret is frozen now, until its sender runs 'sss unlock'"
	case errors.Is(p, client.ErrWrongPassphrase):
		return fmt.Sprintf("wrong passphrase; %s left before the secret is frozen", count(*p.TriesLeft, "try is", "tries are"))
	case errors.Is(p, client.ErrHeld):
		return "the operator holds the secret" + moment(" until ", p.Until) + "; it is not lost, try again later"
	case errors.Is(p, client.ErrFrozen):
		return "frozen" + moment(" since ", p.At) + freeze(p)
	case errors.Is(p, client.ErrFull):
		return "the server has no room for this secret, and nothing was sent; send less, for a shorter time, or tell the operator"
	case errors.Is(p, client.ErrUnauthorized):
		return "the server does not allow this: " + p.Error()
	case errors.Is(p, client.ErrRateLimited):
		return "too many requests; try again later"
	case errors.Is(p, client.ErrUnavailable):
		return "the server is not available; try again later: " + p.Error()
	}
	return "the server refused: " + p.Error()
}

// freeze says why a secret is frozen, and what ends that.
func freeze(p *client.Problem) string {
	switch {
	case p.Reason == api.FreezeAddresses:
		return " because its link was used from too many addresses, until its sender runs 'sss unlock'"
	case p.UnlocksLeft != nil && *p.UnlocksLeft == 0:
		return " after too many wrong passphrases, for good: it has been unlocked too often; its sender can still run 'sss revoke'"
	}
	return " after too many wrong passphrases, until its sender runs 'sss unlock'"
}
