package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
)

func (a *app) receiptCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "receipt [MANAGE-LINK|-]",
		Short:             "Say what has become of a secret that you sent",
		Args:              oneLink,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.receipt(cmd.Context(), args) },
	}
}

func (a *app) receipt(ctx context.Context, args []string) error {
	manage, err := a.manageLink(ctx, args)
	if err != nil {
		return err
	}
	c, err := a.holder(ctx, manage.Origin)
	if err != nil {
		return err
	}
	defer a.slowly("Asking the server")()
	r, err := c.Receipt(ctx, manage)
	if err != nil {
		return err
	}
	if a.json {
		return a.print(r)
	}
	return a.printReceipt(r)
}

func (a *app) printReceipt(r client.Receipt) error {
	text := fmt.Sprintf("state:       %s\nviews left:  %d\nexpires:     %s\n", r.State, r.ViewsLeft, stamp(r.ExpiresAt))
	for _, e := range r.Events {
		held := ""
		if e.Held {
			held = " while held"
		}
		text += fmt.Sprintf("%s  %s%s\n", stamp(e.At), e.Event, held)
	}
	text, _ = harmless([]byte(text))
	if _, err := fmt.Fprint(a.out, text); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}
