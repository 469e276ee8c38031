package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
	"github.com/spf13/cobra"
)

type sendFlags struct {
	file, name     string
	ttl            ttl
	views          int
	passphrase     bool
	passphraseFile string
	createKeyFile  string
	origin         string
}

func (a *app) sendCommand() *cobra.Command {
	var o sendFlags
	cmd := command("send", "Encrypt a secret and print the link that opens it",
		takes(0, 0, "no argument: a secret there would stay in your shell's history"),
		func(ctx context.Context, _ []string) error { return a.send(ctx, o) })
	cmd.Long = cmd.Short + `.
The secret is standard input, a file, or a line that you type and that is not
shown. The link goes to standard output. The manage link, which revokes the
secret or shows whether it was read, goes to standard error.`
	cmd.Example = `  sss send
  printf %s "$PASSWORD" | sss send --ttl 90m
  sss send --file key.pem --views 2 --passphrase`
	f := cmd.Flags()
	f.StringVarP(&o.file, "file", "f", "", "send this file")
	f.StringVar(&o.name, "name", "", "send as a file with this name")
	f.Var(&o.ttl, "ttl", "how long it can be opened, such as 90m, 12h or 3d (default: the server's)")
	f.IntVarP(&o.views, "views", "n", 1, "how many times it can be opened")
	f.BoolVarP(&o.passphrase, "passphrase", "p", false, "ask for a passphrase, without which the secret cannot be opened")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "read the passphrase from this file")
	f.StringVar(&o.createKeyFile, "create-key-file", "", "file with the key that the server requires from senders")
	f.StringVar(&o.origin, "origin", "", "where links point, if you know it better than the server, such as https://secrets.example")
	return cmd
}

func (a *app) send(ctx context.Context, o sendFlags) error {
	var err error
	if o.createKeyFile != "" {
		if a.options.CreateKey, err = headerKey("--create-key-file", o.createKeyFile); err != nil {
			return err
		}
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	config, err := during(a, "Asking the server for its limits", func() (api.Config, error) { return c.Config(ctx) })
	if err != nil {
		return err
	}
	if config.Origin, err = a.pageOrigin(ctx, c, config.Origin, o.origin); err != nil {
		return err
	}
	if err := o.check(config); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	in, err := a.input(ctx, o.file, o.name, config.MaxEnvelope)
	defer clear(in.data)
	if err != nil {
		return err
	}
	passphrase, err := a.newPassphrase(ctx, o.passphrase, o.passphraseFile)
	if err != nil {
		return err
	}
	result, err := a.create(ctx, c, config, o, passphrase, in)
	if err != nil {
		return err
	}
	return a.announce(result, config)
}

// pageOrigin returns the origin of the links, which are given to whoever is there. It is the
// user's choice, or the one that the server names if its page uses the server: a dishonest
// server could name another page, which would get the key of every link.
func (a *app) pageOrigin(ctx context.Context, c *client.Client, named, chosen string) (string, error) {
	if chosen != "" {
		page, err := client.New(chosen, a.options)
		if err != nil {
			return "", fmt.Errorf("--origin: %w", err)
		}
		return page.Origin(), nil
	}
	_, err := during(a, "Checking where the links point", func() (any, error) { return nil, c.Serves(ctx, named) })
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		// Its kind is not that of the command: it is not wrapped.
		return "", fmt.Errorf("the server %s wants links to begin with %s, but that page does not name it as its API (%v); "+
			"nothing was sent; if you know that page, use --origin %s", c.Origin(), named, err, quoted(named))
	}
	return named, nil
}

// check compares the flags with the server's limits, and sets the default time to live.
func (o *sendFlags) check(c api.Config) error {
	if o.ttl == 0 {
		o.ttl = ttl(c.DefaultTTL) * ttl(time.Second)
	}
	least, most := time.Duration(c.MinTTL)*time.Second, time.Duration(c.MaxTTL)*time.Second
	switch d := time.Duration(o.ttl); {
	case o.passphrase && o.passphraseFile != "":
		return errors.New("use either --passphrase or --passphrase-file")
	case d < least || d > most:
		return fmt.Errorf("--ttl: this server allows %s to %s", duration(least), duration(most))
	case o.views < 1 || o.views > c.MaxViews:
		return fmt.Errorf("--views: this server allows 1 to %d", c.MaxViews)
	case c.RequirePassphrase && !o.passphrase && o.passphraseFile == "":
		return errors.New("this server requires a passphrase: use --passphrase or --passphrase-file")
	case c.Create == api.CreateEntra:
		return errors.New("this server accepts secrets only from people who sign in: use its page, " + c.Origin)
	case c.Create == api.CreateKey && o.createKeyFile == "":
		return errors.New("this server requires a key from senders: use --create-key-file")
	}
	return nil
}

// sent is the result of send, and its JSON.
type sent struct {
	Link       string    `json:"link"`
	ManageLink string    `json:"manage_link"`
	ID         string    `json:"id"`
	ExpiresAt  time.Time `json:"expires_at"`
	Views      int       `json:"views"`
	Passphrase bool      `json:"passphrase"`
}

// create seals the secret and stores the envelope on the server.
func (a *app) create(ctx context.Context, c *client.Client, config api.Config, o sendFlags, passphrase string, in input) (sent, error) {
	// By the server's clock: the one here may be wrong.
	expires := config.Now.Add(time.Duration(o.ttl)).UTC().Truncate(time.Second)
	link, err := envelope.NewLink(a.random, config.Origin, expires)
	if err != nil {
		return sent{}, fmt.Errorf("make link: %w", err)
	}
	keys, err := a.keys(link, passphrase)
	if err != nil {
		return sent{}, err
	}
	defer keys.Wipe()
	manage, err := envelope.NewManageLink(a.random, config.Origin, keys.ID)
	if err != nil {
		return sent{}, fmt.Errorf("make manage link: %w", err)
	}
	var sealed bytes.Buffer
	p := envelope.Params{Views: o.views, Expires: expires}
	if err := envelope.Seal(&sealed, a.random, keys, p, in.meta, bytes.NewReader(in.data), int64(len(in.data))); err != nil {
		return sent{}, err
	}
	defer a.progress("Sending")()
	if _, err := c.Create(ctx, keys, manage, sealed.Bytes()); err != nil {
		return sent{}, err
	}
	return sent{link.String(), manage.String(), keys.ID.String(), expires, o.views, passphrase != ""}, nil
}

// keys derives the keys. With a passphrase that takes some tenths of a second.
func (a *app) keys(link envelope.Link, passphrase string) (*envelope.Keys, error) {
	return during(a, "Deriving the key from the passphrase", func() (*envelope.Keys, error) { return link.Keys(passphrase) })
}

// announce prints the links and how long they work.
func (a *app) announce(s sent, c api.Config) error {
	with := ""
	if s.Passphrase {
		with = " with the passphrase, which you should send by another channel"
	}
	return a.answer(s, s.Link+"\n", fmt.Sprintf(`The link opens the secret %s%s, until %s (%s). After that, it is deleted.
Anyone who has the link can open it. Keep the manage link: 'sss revoke' and 'sss receipt' take it.
%s`, count(s.Views, "time", "times"), with, stamp(s.ExpiresAt), span(s.ExpiresAt.Sub(c.Now)), s.ManageLink))
}
