package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
)

type sendFlags struct {
	file, name     string
	ttl            ttl
	views          int
	passphrase     bool
	passphraseFile string
	createKeyFile  string
}

func (a *app) sendCommand() *cobra.Command {
	var o sendFlags
	cmd := &cobra.Command{
		Use:   "send",
		Short: "Encrypt a secret and print the link that opens it",
		Long: `Encrypt a secret and print the link that opens it.
The secret is standard input, a file, or a line that you type unseen. The link
goes to standard output; the manage link, with which you revoke the secret or
see whether it was read, to standard error.`,
		Example: `  sss send
  printf %s "$PASSWORD" | sss send --ttl 90m
  sss send --file key.pem --views 2 --passphrase`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errors.New("send takes no argument: a secret there would stay in your shell's history")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.send(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.file, "file", "f", "", "send this file")
	f.StringVar(&o.name, "name", "", "send as a file of this name")
	f.Var(&o.ttl, "ttl", "how long it can be opened, such as 90m, 12h or 3d (default: the server's)")
	f.IntVarP(&o.views, "views", "n", 1, "how often it can be opened")
	f.BoolVarP(&o.passphrase, "passphrase", "p", false, "ask for a passphrase, which opening then needs too")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "take the passphrase from this file")
	f.StringVar(&o.createKeyFile, "create-key-file", "", "file with the key that the server wants from senders")
	return cmd
}

func (a *app) send(ctx context.Context, o sendFlags) error {
	c, config, err := a.serverFor(ctx, o)
	if err != nil {
		return err
	}
	if err := o.check(config); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	s, err := a.source(ctx, o.file, o.name, config.MaxEnvelope)
	defer clear(s.data)
	if err != nil {
		return err
	}
	passphrase, err := a.newPassphrase(ctx, o.passphrase, o.passphraseFile)
	if err != nil {
		return err
	}
	result, err := a.deposit(ctx, c, config, o, passphrase, s)
	if err != nil {
		return err
	}
	return a.announce(result, config)
}

func (a *app) serverFor(ctx context.Context, o sendFlags) (*client.Client, client.Config, error) {
	key := ""
	if o.createKeyFile != "" {
		var err error
		if key, err = headerKey(o.createKeyFile); err != nil {
			return nil, client.Config{}, fmt.Errorf("--create-key-file: %w", err)
		}
	}
	c, err := a.sender(key)
	if err != nil {
		return nil, client.Config{}, err
	}
	defer a.slowly("Asking the server for its limits")()
	config, err := c.Config(ctx)
	return c, config, err
}

// check compares the flags with what the server allows, and sets the default.
func (o *sendFlags) check(c client.Config) error {
	if o.ttl == 0 {
		o.ttl = ttl(c.DefaultTTL)
	}
	switch d := time.Duration(o.ttl); {
	case o.passphrase && o.passphraseFile != "":
		return errors.New("--passphrase and --passphrase-file: one of them")
	case d < c.MinTTL || d > c.MaxTTL:
		return fmt.Errorf("--ttl: this server allows %s to %s", duration(c.MinTTL), duration(c.MaxTTL))
	case o.views < 1 || o.views > c.MaxViews:
		return fmt.Errorf("--views: this server allows 1 to %d", c.MaxViews)
	case c.RequirePassphrase && !o.passphrase && o.passphraseFile == "":
		return errors.New("this server wants a passphrase: --passphrase or --passphrase-file")
	case c.Create == "entra":
		return errors.New("this server takes secrets only from people who sign in: use its page, " + c.Origin)
	case c.Create == "key" && o.createKeyFile == "":
		return errors.New("this server wants a key from senders: --create-key-file")
	}
	return nil
}
