package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
)

// modes are what a hold can do, and what each means.
var modes = []struct{ name, words string }{
	{"block-read", "nobody can open them"},
	{"block-create", "no new ones are taken"},
	{"preserve", "nothing of them is deleted for good"},
}

type holdFlags struct {
	operatorFlags
	scope       string
	modes       []string
	length      ttl
	until       string
	reason      string
	dryRun, yes bool
}

func (a *app) holdCommand() *cobra.Command {
	var o holdFlags
	cmd := &cobra.Command{
		Use:   "hold",
		Short: "Hold secrets back at once, as an operator",
		Long: `Hold secrets back at once, as an operator. Nothing is lost: what is held can be
opened again once the hold is lifted, or has ended.
It says what it will cover, asks once, and prints the hold's id on standard
output. With --yes it acts at once, without counting or asking.

Scopes:
  all                    every secret
  week=2026w47           those that expire in the week
  key=NAME[/VERSION]     those sealed under the key
  period=FROM..TO        those made from then until before then (UTC)
  prefix=START           those whose id begins so
  id=ID                  one; a secret's link or manage link will do

Modes: block-read, block-create, and preserve, under which nothing is deleted for good.`,
		Example: `  sss hold --scope all --reason 'Key Vault alert 4711' --admin-key-file admin.key
  sss hold --scope week=2026w47 --for 12h --reason drill --admin-key-file admin.key --dry-run`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.hold(cmd.Context(), o) },
	}
	o.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.scope, "scope", "", "what to hold, see above (needed)")
	f.StringSliceVar(&o.modes, "modes", []string{"block-read", "block-create"}, "what the hold does, comma-separated")
	f.Var(&o.length, "for", "how long it lasts unless lifted before, such as 24h (default: the server's)")
	f.StringVar(&o.until, "until", "", "when it ends unless lifted before, instead of --for")
	f.StringVar(&o.reason, "reason", "", "why, for those who come after you (needed)")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what it would cover, and do nothing")
	f.BoolVarP(&o.yes, "yes", "y", false, "act at once: count nothing, ask nothing")
	return cmd
}

func (a *app) hold(ctx context.Context, o holdFlags) error {
	r, err := o.request()
	if err == nil && !o.yes && !o.dryRun && !a.canAsk() {
		err = fmt.Errorf("%w: --yes is needed", errNoTerminal)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	c, err := a.operator(o.operatorFlags)
	if err != nil {
		return err
	}
	if o.length > 0 {
		config, err := c.Config(ctx) // by the server's clock: the one here may be wrong
		if err != nil {
			return err
		}
		r.Until = config.Now.Add(time.Duration(o.length))
	}
	switch {
	case o.dryRun:
		return a.rehearse(ctx, c, r)
	case !o.yes:
		if err := a.confirm(ctx, c, r); err != nil {
			return err
		}
	}
	return a.quarantine(ctx, c, r, o.keyFile)
}

// request is what the flags ask for, without the end that --for means.
func (o *holdFlags) request() (client.HoldRequest, error) {
	r := client.HoldRequest{Modes: o.modes, Reason: o.reason}
	var err error
	switch {
	case o.scope == "":
		err = errors.New("--scope is needed, such as --scope all")
	case strings.TrimSpace(o.reason) == "" && !o.dryRun:
		err = errors.New("--reason is needed: say why, for those who come after you")
	case len(o.modes) == 0, slices.ContainsFunc(o.modes, unknownMode):
		err = errors.New("--modes: want some of block-read, block-create and preserve")
	case o.until != "" && o.length > 0:
		err = errors.New("--for and --until: one of them")
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
	for _, m := range modes {
		if m.name == name {
			return false
		}
	}
	return true
}

// quarantine sets the hold, and tells how long that took and how to lift it.
func (a *app) quarantine(ctx context.Context, c *client.Client, r client.HoldRequest, keyFile string) error {
	key, err := client.NewKey(a.random)
	if err != nil {
		return err
	}
	begun := time.Now()
	done := a.slowly("Holding")
	got, err := c.Quarantine(ctx, r, key)
	done()
	took := time.Since(begun)
	if err != nil {
		a.inDoubt(err, "The hold may stand, whole or in part: run this again, or look with 'sss holds'.")
		return noHolds(err)
	}
	a.unsent(got, "The hold stands")
	if a.json {
		return a.print(got)
	}
	if err := a.printLine(got.Hold.ID); err != nil {
		return err
	}
	a.say("The hold stands, after %d ms. It ends by itself at %s (%s).",
		took.Milliseconds(), stamp(got.Hold.Until), span(got.Hold.Until.Sub(got.Hold.CreatedAt)))
	server := ""
	if a.server != "" {
		server = " --server " + quoted(a.server)
	}
	a.say("To lift it:\n  sss release %s --reason '…' --admin-key-file %s%s", shown(got.Hold.ID), quoted(keyFile), server)
	return nil
}
