package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status [LINK|-]",
		Short: "Say whether a secret can be opened, without opening it",
		Long: `Say whether a secret can be opened, without opening it.
The exit code tells too: 0 it can, 3 gone, 5 held, 6 frozen.`,
		Args:              oneLink,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.status(cmd.Context(), args) },
	}
}

func (a *app) status(ctx context.Context, args []string) error {
	link, err := a.secretLink(ctx, args)
	if err != nil {
		return err
	}
	c, err := a.holder(ctx, link.Origin)
	if err != nil {
		return err
	}
	s, err := a.ready(ctx, c, link)
	if s.State == "" {
		return err
	}
	if a.json && err == nil {
		return a.print(s)
	}
	if !a.json {
		a.printStatus(s)
	}
	return err
}

func (a *app) printStatus(s client.Status) {
	passphrase := "no"
	if s.Passphrase {
		passphrase = "yes"
	}
	text, _ := harmless([]byte(s.State))
	_, _ = fmt.Fprintf(a.out, "state:       %s\nviews left:  %d\nexpires:     %s\npassphrase:  %s\n",
		text, s.ViewsLeft, stamp(s.ExpiresAt), passphrase)
}
