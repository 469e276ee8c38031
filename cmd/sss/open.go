package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

type openFlags struct {
	output         string
	force          bool
	passphraseFile string
}

func (a *app) openCommand() *cobra.Command {
	var o openFlags
	cmd := &cobra.Command{
		Use:   "open [LINK|-]",
		Short: "Open a secret",
		Long: `Open a secret, which takes one of its views.
Without an argument, or with -, the link comes from standard input or is asked
for, which keeps it out of your shell's history. Piped on, the output is exactly
the data. On a terminal a text is shown with its control characters made
harmless, and a file is saved where you say.`,
		Example: `  sss open
  pbpaste | sss open - --output key.pem`,
		Args:              oneLink,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.open(cmd.Context(), args, o) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.output, "output", "o", "", "write to this new file, readable by you alone")
	f.BoolVar(&o.force, "force", false, "let --output overwrite a file")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "take the passphrase from this file")
	return cmd
}

func (a *app) open(ctx context.Context, args []string, o openFlags) error {
	link, err := a.secretLink(ctx, args)
	if err != nil {
		return err
	}
	c, err := a.holder(ctx, link.Origin)
	if err != nil {
		return err
	}
	status, err := a.ready(ctx, c, link)
	if err != nil {
		return err
	}
	// What can fail at the output fails before a view is taken.
	out, err := a.destination(o)
	if err != nil {
		return err
	}
	defer out.abandon()
	v, err := a.view(ctx, c, link, status.Passphrase, o.passphraseFile)
	if err != nil {
		return err
	}
	defer v.wipe()
	if err := a.deliver(ctx, v, out); err != nil {
		return err
	}
	a.acknowledge(ctx, c, v)
	return nil
}

// ready asks for the status, and answers a secret that cannot be read now as reading it would.
func (a *app) ready(ctx context.Context, c *client.Client, link envelope.Link) (client.Status, error) {
	defer a.slowly("Asking the server")()
	s, err := c.Status(ctx, link)
	if err == nil && s.State != "live" {
		err = &client.Problem{Type: s.State, TriesLeft: -1}
	}
	return s, err
}

// acknowledge ends the view. The data is where it belongs, so a failure here is
// no failure of the command: the server ends the view by itself after two minutes.
func (a *app) acknowledge(ctx context.Context, c *client.Client, v *view) {
	done := a.slowly("Telling the server that it arrived")
	err := c.Ack(context.WithoutCancel(ctx), v.keys, v.key)
	done()
	switch {
	case err != nil:
		a.say("sss: the secret is here, but the server could not be told: %s", explain(err))
	case a.json:
	case v.left == 0:
		a.say("That was the last view: nothing is left of it on the server.")
	default:
		a.say("It can be opened %s more.", count(v.left, "time", "times"))
	}
}
