package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

// linkCommand is a command that takes a link.
func linkCommand(use, short string, run func(context.Context, []string) error) *cobra.Command {
	return command(use, short, takes(0, 1, "one link; put it in quotes"), run)
}

func (a *app) statusCommand() *cobra.Command {
	cmd := linkCommand("status [LINK|-]", "Show whether a secret can be opened, without opening it", a.status)
	cmd.Long = cmd.Short + `.
The exit code is 0 if it can, 3 if it is gone, 5 if it is held, 6 if it is frozen.`
	return cmd
}

func (a *app) status(ctx context.Context, args []string) error {
	link, c, err := a.secretLink(ctx, args)
	if err != nil {
		return err
	}
	s, err := a.checkStatus(ctx, c, link)
	if s.State == "" || a.json && err != nil {
		return err
	}
	result := struct {
		api.Status
		Header string `json:"header,omitempty"` // left out: the other members have its content
	}{Status: s}
	passphrase := map[bool]string{true: "yes", false: "no"}[s.Passphrase]
	text := fmt.Sprintf("%spassphrase:  %s\n", summary(s.State, s.ViewsLeft, s.ExpiresAt), passphrase)
	return errors.Join(a.answer(result, text, ""), err)
}

func (a *app) receiptCommand() *cobra.Command {
	return linkCommand("receipt [MANAGE-LINK|-]", "Show the history of a secret that you sent", a.receipt)
}

func (a *app) receipt(ctx context.Context, args []string) error {
	manage, c, err := a.manageLink(ctx, args)
	if err != nil {
		return err
	}
	r, err := during(a, "Asking the server", func() (api.Receipt, error) { return c.Receipt(ctx, manage) })
	if err != nil {
		return err
	}
	text := strings.Builder{}
	text.WriteString(summary(r.State, r.ViewsLeft, r.ExpiresAt))
	if r.State == api.StateLive || r.State == api.StateFrozen || r.State == api.StateHeld {
		fmt.Fprintf(&text, "unlocks:     %d left\n", r.UnlocksLeft)
	}
	for _, e := range r.Events {
		held := ""
		if e.Held {
			held = " while held"
		}
		fmt.Fprintf(&text, "%s  %s%s\n", stamp(e.At), oneLine(e.Event), held)
	}
	return a.answer(r, text.String(), "")
}

func (a *app) unlockCommand() *cobra.Command {
	return linkCommand("unlock [MANAGE-LINK|-]", "Unfreeze a secret after too many wrong passphrases", a.unlock)
}

func (a *app) unlock(ctx context.Context, args []string) error {
	manage, c, err := a.manageLink(ctx, args)
	if err != nil {
		return err
	}
	key, err := client.NewKey(a.random)
	if err != nil {
		return err
	}
	done := a.progress("Unlocking")
	err = c.Unlock(ctx, manage, key)
	done()
	if err != nil {
		return err
	}
	result := struct {
		Unlocked    bool `json:"unlocked"`
		UnlocksLeft *int `json:"unlocks_left,omitempty"` // missing if it could not be asked for
	}{Unlocked: true}
	note := "Unlocked: it can be opened again, and the wrong passphrases are forgotten."
	if r, err := during(a, "Asking the server", func() (api.Receipt, error) { return c.Receipt(ctx, manage) }); err == nil {
		result.UnlocksLeft = &r.UnlocksLeft
		note += fmt.Sprintf("\n%s left.", count(r.UnlocksLeft, "unlock is", "unlocks are"))
	}
	return a.answer(result, "", note)
}

func (a *app) revokeCommand() *cobra.Command {
	var file string
	cmd := linkCommand("revoke [LINK|-]", "Delete a secret for everyone",
		func(ctx context.Context, args []string) error { return a.revoke(ctx, args, file) })
	cmd.Long = cmd.Short + `, including somebody who is opening it now.
It takes the manage link, or the link itself and its passphrase, if there is one.`
	cmd.Flags().StringVar(&file, "passphrase-file", "", "read the passphrase from this file")
	return cmd
}

func (a *app) revoke(ctx context.Context, args []string, file string) error {
	s, err := a.argument(ctx, args, "Manage link, or link")
	if err != nil {
		return err
	}
	if link, err := envelope.ParseLink(s); err == nil {
		return a.revoked(a.revokeAsReader(ctx, link, file))
	}
	manage, err := envelope.ParseManageLink(s)
	if err != nil {
		return err
	}
	c, err := a.clientForLink(ctx, manage.Origin)
	if err != nil {
		return err
	}
	done := a.progress("Revoking")
	err = c.Revoke(ctx, manage)
	done()
	return a.revoked(err)
}

func (a *app) revokeAsReader(ctx context.Context, link envelope.Link, file string) error {
	c, err := a.clientForLink(ctx, link.Origin)
	if err != nil {
		return err
	}
	status, err := c.Status(ctx, link)
	var p *client.Problem
	if errors.As(err, &p) && p.Reason == api.ReasonRevoked {
		return nil
	}
	if err != nil {
		return err
	}
	keys, err := a.readerKeys(ctx, link, status.Passphrase, file)
	if err != nil {
		return err
	}
	defer keys.Wipe()
	return c.RevokeAsReader(ctx, keys)
}

func (a *app) revoked(err error) error {
	if err != nil {
		return err
	}
	return a.answer(map[string]bool{"revoked": true}, "", "Revoked: nobody can open it any more.")
}

// summary is the first lines of a status and of a receipt.
func summary(state string, viewsLeft int, expires time.Time) string {
	return fmt.Sprintf("state:       %s\nviews left:  %d\nexpires:     %s\n", oneLine(state), viewsLeft, stamp(expires))
}
