package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

var errUsage = errors.New("usage")

// outcome is a row of the one table from error to exit code.
type outcome struct {
	err  error
	code int
	name string // in --json
	text string // in --help
}

var outcomes = []outcome{
	{errUsage, 2, "usage", "the command line is wrong"},
	{client.ErrServer, 2, "usage", ""},
	{client.ErrGone, 3, "gone", "gone: read, revoked or expired"},
	{client.ErrNotFound, 3, "gone", ""},
	{client.ErrWrongPassphrase, 4, "wrong-passphrase", "wrong passphrase"},
	{client.ErrHeld, 5, "held", "the operator holds it back"},
	{client.ErrFrozen, 6, "frozen", "frozen after too many wrong passphrases"},
	{client.ErrUnreachable, 7, "unreachable", "the server cannot be reached, or is busy"},
	{client.ErrUnavailable, 7, "unreachable", ""},
	{client.ErrRateLimited, 7, "unreachable", ""},
	{envelope.ErrLink, 8, "bad-link", "not a valid link"},
}

// exits describes the exit codes for the help.
func exits() string {
	lines := []string{"Exit codes:", "  0  well", "  1  another error"}
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

// report tells of the error, if any, and returns the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return 0
	}
	code, name := classify(err)
	text := explain(err)
	a.say("sss: %s", text)
	if a.json {
		_ = a.print(failure(err, name, text, code))
	}
	return code
}

func failure(err error, name, text string, code int) any {
	type details struct {
		Type      string    `json:"type"`
		Message   string    `json:"message"`
		Exit      int       `json:"exit"`
		Reason    string    `json:"reason,omitempty"`
		At        time.Time `json:"at,omitzero"`
		Until     time.Time `json:"until,omitzero"`
		TriesLeft *int      `json:"tries_left,omitempty"`
	}
	d := details{Type: name, Message: text, Exit: code}
	var p *client.Problem
	if errors.As(err, &p) {
		d.Reason, d.At, d.Until = p.Reason, p.At, p.Until
		if p.TriesLeft >= 0 {
			d.TriesLeft = &p.TriesLeft
		}
	}
	return map[string]details{"error": d}
}

// explain says in plain words what happened. What a server wrote is made harmless.
func explain(err error) string {
	var p *client.Problem
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, client.ErrServer):
		return err.Error() + ", or --allow-http where the network is safe"
	case errors.Is(err, errUsage):
		return strings.TrimPrefix(err.Error(), errUsage.Error()+": ") + " (see sss --help)"
	case errors.As(err, &p):
		s, _ := harmless([]byte(problem(p)))
		return s
	}
	s, _ := harmless([]byte(err.Error()))
	return s
}

// problem says a problem, each of the kinds that a user can do something about in its own words.
func problem(p *client.Problem) string {
	switch {
	case errors.Is(p, client.ErrGone):
		return gone(p)
	case errors.Is(p, client.ErrNotFound):
		return "there is nothing under this link: it was never here, or is gone for so long that nothing is known of it"
	case errors.Is(p, client.ErrWrongPassphrase) && p.TriesLeft == 0:
		return "wrong passphrase; it is frozen now, and its sender can lift that with 'sss unlock'"
	case errors.Is(p, client.ErrWrongPassphrase) && p.TriesLeft > 0:
		return fmt.Sprintf("wrong passphrase; %s left before the secret is frozen", count(p.TriesLeft, "try is", "tries are"))
	case errors.Is(p, client.ErrWrongPassphrase):
		return "wrong passphrase"
	case errors.Is(p, client.ErrHeld):
		return "the operator holds it back" + moment(" until ", p.Until) + "; it is not lost, try again later"
	case errors.Is(p, client.ErrFrozen):
		return "frozen" + moment(" since ", p.At) + " after too many wrong passphrases; its sender can lift that with 'sss unlock'"
	case errors.Is(p, client.ErrUnauthorized):
		return "the server does not let you do that: " + p.Error()
	case errors.Is(p, client.ErrRateLimited):
		return "the server asks to slow down; try again later"
	case errors.Is(p, client.ErrUnavailable):
		return "the server is not available; try again later: " + p.Error()
	}
	return "the server refuses it: " + p.Error()
}

func gone(p *client.Problem) string {
	switch p.Reason {
	case "read", "revoked":
		return "gone: it was " + p.Reason + moment(" at ", p.At)
	case "expired":
		return "gone: it expired" + moment(" at ", p.At)
	}
	return "gone"
}
