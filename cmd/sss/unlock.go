package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
)

func (a *app) unlockCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "unlock [MANAGE-LINK|-]",
		Short:             "Lift the freeze that wrong passphrases brought on",
		Args:              oneLink,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.unlock(cmd.Context(), args) },
	}
}

func (a *app) unlock(ctx context.Context, args []string) error {
	manage, err := a.manageLink(ctx, args)
	if err != nil {
		return err
	}
	key, err := client.NewKey(a.random)
	if err != nil {
		return err
	}
	c, err := a.holder(ctx, manage.Origin)
	if err != nil {
		return err
	}
	defer a.slowly("Unlocking")()
	if err := c.Unlock(ctx, manage, key); err != nil {
		return err
	}
	if a.json {
		return a.print(map[string]bool{"unlocked": true})
	}
	a.say("Unlocked: it can be opened again, and the wrong tries are forgotten.")
	return nil
}
