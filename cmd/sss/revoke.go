package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

func (a *app) revokeCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "revoke [LINK|-]",
		Short: "Delete a secret for everyone",
		Long: `Delete a secret for everyone, also for a reader in the middle.
It takes the manage link, or the link itself, with its passphrase where it has one.`,
		Args:              oneLink,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.revoke(cmd.Context(), args, file) },
	}
	cmd.Flags().StringVar(&file, "passphrase-file", "", "take the passphrase from this file")
	return cmd
}

func (a *app) revoke(ctx context.Context, args []string, file string) error {
	s, err := a.argument(ctx, args, "Manage link, or link")
	if err != nil {
		return err
	}
	if link, err := envelope.ParseLink(s); err == nil {
		return a.revokeAsReader(ctx, link, file)
	}
	manage, err := envelope.ParseManageLink(s)
	if err != nil {
		return err
	}
	c, err := a.holder(ctx, manage.Origin)
	if err != nil {
		return err
	}
	defer a.slowly("Revoking")()
	return a.revoked(c.Revoke(ctx, manage))
}

func (a *app) revokeAsReader(ctx context.Context, link envelope.Link, file string) error {
	c, err := a.holder(ctx, link.Origin)
	if err != nil {
		return err
	}
	status, err := c.Status(ctx, link)
	var p *client.Problem
	if errors.As(err, &p) && p.Reason == "revoked" {
		return a.revoked(nil)
	}
	if err != nil {
		return err
	}
	keys, err := a.readerKeys(ctx, link, status.Passphrase, file)
	if err != nil {
		return err
	}
	defer keys.Wipe()
	return a.revoked(c.RevokeAsReader(ctx, keys))
}

func (a *app) revoked(err error) error {
	switch {
	case err != nil:
		return err
	case a.json:
		return a.print(map[string]bool{"revoked": true})
	}
	a.say("Revoked: nobody can open it any more.")
	return nil
}
