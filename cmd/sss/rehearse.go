package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/client"
)

// countTime is how long somebody who wants to hold waits for a number.
const countTime = 10 * time.Second

var errDeclined = errors.New("nothing was done")

// rehearse tells what a hold would cover, and sets none.
func (a *app) rehearse(ctx context.Context, c *client.Client, r client.HoldRequest) error {
	done := a.slowly("Counting")
	n, err := c.Covers(ctx, r)
	done()
	switch {
	case err != nil:
		return noHolds(err)
	case a.json:
		return a.print(map[string]int{"covers": n})
	}
	if err := a.printLine(would(r, number(n))); err != nil {
		return err
	}
	a.say("This was a dry run: nothing was held.")
	return nil
}

// confirm tells what a hold will cover, and asks once. That it cannot be counted stops nobody.
func (a *app) confirm(ctx context.Context, c *client.Client, r client.HoldRequest) error {
	soon, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	done := a.slowly("Counting")
	n, err := c.Covers(soon, r)
	done()
	there := number(n)
	switch {
	case err == nil:
	case ctx.Err() == nil && passing(err):
		there = "how many are there could not be counted in time"
	default:
		return noHolds(err)
	}
	a.say("%s", would(r, there))
	answer, err := a.ask(ctx, "Hold now? [y/N] ")
	if err != nil {
		return fmt.Errorf("%w; %w", err, errDeclined)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}

// passing reports whether a count failed for a reason that says nothing against the hold.
func passing(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrUnreachable) || errors.Is(err, client.ErrUnavailable)
}

func interrupted(err error) bool { return errors.Is(err, context.Canceled) }

func number(n int) string { return count(n, "is there now", "are there now") }

// would says in plain words what the hold does.
func would(r client.HoldRequest, there string) string {
	text := fmt.Sprintf("It covers %s: %s.\nAs long as it stands, %s. Nothing is lost.\n", scopeWords(r.Scope), there, effects(r.Modes))
	if r.Until.IsZero() {
		return text + "It ends by itself when this server's holds do, unless it is lifted before."
	}
	return text + "It ends by itself at " + stamp(r.Until) + ", unless it is lifted before."
}

func effects(names []string) string {
	var words []string
	for _, m := range modes {
		for _, name := range names {
			if name == m.name {
				words = append(words, m.words)
				break
			}
		}
	}
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}
