package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/client"
	"github.com/spf13/cobra"
)

type mode struct{ name, effect string }

// modes are the modes of a hold, and their effects.
var modes = []mode{
	{api.ModeBlockRead, "nobody can open them"},
	{api.ModeBlockCreate, "no new ones are accepted"},
	{api.ModePreserve, "none is purged"},
}

type holdFlags struct {
	scope       string
	modes       []string
	length      ttl
	until       string
	reason      string
	dryRun, yes bool
}

func (a *app) holdCommand() *cobra.Command {
	var o holdFlags
	cmd := a.operatorCommand("hold", "Place a hold on secrets, as an operator", cobra.NoArgs,
		func(ctx context.Context, _ []string) error { return a.hold(ctx, o) })
	cmd.Long = cmd.Short + `. Nothing is lost: held secrets can be
opened again as soon as the hold is released or has ended.
It shows what the hold will cover, asks once, and prints the hold's id on standard
output. With --yes it acts at once, without counting or asking.

Scopes:
  all                    every secret
  week=2026w47           those that expire in this week
  key=NAME[/VERSION]     those sealed under this key
  period=FROM..TO        those created from FROM until before TO (UTC)
  prefix=START           those whose id begins with START
  id=ID                  one; instead of its id, its link or manage link

Modes:
  block-read             nobody can open them
  block-create           no new ones are accepted
  preserve               none is purged`
	cmd.Example = `  sss hold --scope all --reason 'Key Vault alert 4711' --admin-key-file admin.key
  sss hold --scope week=2026w47 --for 12h --reason drill --admin-key-file admin.key --dry-run`
	f := cmd.Flags()
	f.StringVar(&o.scope, "scope", "", "what to hold, see above (required)")
	f.StringSliceVar(&o.modes, "modes", []string{"block-read", "block-create"}, "what the hold does, comma-separated")
	f.Var(&o.length, "for", "how long it lasts unless released earlier, such as 24h (default: the server's)")
	f.StringVar(&o.until, "until", "", "when it ends unless released earlier, instead of --for")
	f.StringVar(&o.reason, "reason", "", "the reason, for the record (required)")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what it would cover, and do nothing")
	f.BoolVarP(&o.yes, "yes", "y", false, "act at once: do not count, do not ask")
	return cmd
}

func (a *app) hold(ctx context.Context, o holdFlags) error {
	r, err := o.request()
	if err == nil && !o.yes && !o.dryRun && !a.canAsk() {
		err = fmt.Errorf("%w: use --yes", errNoTerminal)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	c, err := a.operator()
	if err != nil {
		return err
	}
	if o.length > 0 {
		config, err := c.Config(ctx) // for the server's clock: the one here may be wrong
		if err != nil {
			return err
		}
		r.Until = config.Now.Add(time.Duration(o.length))
	}
	switch {
	case o.dryRun:
		return a.dryRun(ctx, c, r)
	case !o.yes:
		if err := a.confirm(ctx, c, r); err != nil {
			return err
		}
	}
	return a.place(ctx, c, r)
}

// request returns the request of the flags, without the end of --for.
func (o *holdFlags) request() (api.HoldRequest, error) {
	r := api.HoldRequest{Modes: o.modes, Reason: o.reason}
	var err error
	switch {
	case o.scope == "":
		err = errors.New("--scope is required, such as --scope all")
	case strings.TrimSpace(o.reason) == "" && !o.dryRun:
		err = errors.New("--reason is required: it is kept with the hold")
	case len(o.modes) == 0, slices.ContainsFunc(o.modes, unknownMode):
		err = errors.New("--modes: want some of block-read, block-create and preserve")
	case o.until != "" && o.length > 0:
		err = errors.New("use either --for or --until")
	case o.until != "":
		if r.Until, err = parseTime(o.until); err != nil {
			err = fmt.Errorf("--until: %w", err)
		}
	}
	if err == nil {
		r.Scope, err = parseScope(o.scope)
	}
	return r, err
}

func unknownMode(name string) bool {
	return !slices.ContainsFunc(modes, func(m mode) bool { return m.name == name })
}

// place places the hold, and prints how long that took and how to release it.
func (a *app) place(ctx context.Context, c *client.Client, r api.HoldRequest) error {
	key, err := client.NewKey(a.random)
	if err != nil {
		return err
	}
	got, took, err := a.change("Placing the hold", func() (api.Outcome, error) { return c.Quarantine(ctx, r, key) },
		"The hold is active", "The hold may be active, in whole or in part: run this again, or check with 'sss holds'.")
	if err != nil {
		return noHolds(err)
	}
	server := ""
	if a.server != "" {
		server = " --server " + quoted(a.server)
	}
	return a.answer(got, oneLine(got.Hold.ID)+"\n", fmt.Sprintf(`The hold is active, after %d ms. It ends by itself at %s (%s).
To release it:
  sss release %s --reason '…' --admin-key-file %s%s`,
		took.Milliseconds(), stamp(got.Hold.Until), span(got.Hold.Until.Sub(got.Hold.CreatedAt)),
		oneLine(got.Hold.ID), quoted(a.adminKeyFile), server))
}

// countTime is how long the prompt waits for the number of secrets.
const countTime = 10 * time.Second

var errDeclined = errors.New("nothing was done")

// dryRun prints what a hold would cover, and places none.
func (a *app) dryRun(ctx context.Context, c *client.Client, r api.HoldRequest) error {
	got, err := during(a, "Counting", func() (api.Covers, error) { return c.Covers(ctx, r) })
	if err != nil {
		return noHolds(err)
	}
	return a.answer(got, would(r, number(got))+"\n", "This was a dry run: no hold was placed.")
}

// confirm prints what a hold will cover and asks once. A hold is urgent, so it asks
// even if the secrets cannot be counted in time.
func (a *app) confirm(ctx context.Context, c *client.Client, r api.HoldRequest) error {
	soon, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	got, err := during(a, "Counting", func() (api.Covers, error) { return c.Covers(soon, r) })
	covered := number(got)
	switch {
	case err == nil:
	case ctx.Err() == nil && inDoubt(err):
		covered = "they could not be counted in time"
	default:
		return noHolds(err)
	}
	a.say("%s", would(r, covered))
	answer, err := a.ask(ctx, "Hold now? [y/N] ", false)
	if err != nil {
		return fmt.Errorf("%w; %w", err, errDeclined)
	}
	switch strings.ToLower(strings.TrimSpace(string(answer))) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}

func number(c api.Covers) string {
	if c.More {
		return fmt.Sprintf("currently %d or more", c.Covers)
	}
	return fmt.Sprintf("currently %d", c.Covers)
}

// would describes the effect of a hold on a number of secrets, which is a text.
func would(r api.HoldRequest, covered string) string {
	text := fmt.Sprintf("It covers %s: %s.\nWhile it is active, %s. Nothing is lost.\n", scopeWords(r.Scope), covered, effects(r.Modes))
	if r.Until.IsZero() {
		return text + "It ends by itself after the server's default time, unless it is released earlier."
	}
	return text + "It ends by itself at " + stamp(r.Until) + ", unless it is released earlier."
}

func effects(names []string) string {
	var words []string
	for _, m := range modes {
		if slices.Contains(names, m.name) {
			words = append(words, m.effect)
		}
	}
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}
