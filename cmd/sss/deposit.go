package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

// sent is what send answers, in --json as it stands.
type sent struct {
	Link       string    `json:"link"`
	ManageLink string    `json:"manage_link"`
	ID         string    `json:"id"`
	ExpiresAt  time.Time `json:"expires_at"`
	Views      int       `json:"views"`
	Passphrase bool      `json:"passphrase"`
}

// deposit seals the secret and hands the envelope to the server.
func (a *app) deposit(ctx context.Context, c *client.Client, config client.Config, o sendFlags, passphrase string, s source) (sent, error) {
	// By the server's clock: a wrong one here must not shorten or forbid anything.
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
	p := envelope.Params{Views: o.views, Expires: expires, Passphrase: passphrase != ""}
	if err := envelope.Seal(&sealed, a.random, keys, p, s.meta, bytes.NewReader(s.data), int64(len(s.data))); err != nil {
		return sent{}, err
	}
	defer a.slowly("Sending")()
	if _, err := c.Create(ctx, keys, manage, sealed.Bytes()); err != nil {
		return sent{}, err
	}
	return sent{link.String(), manage.String(), envelope.FormatID(keys.ID), expires, o.views, p.Passphrase}, nil
}

// keys derives the keys, which takes a moment with a passphrase.
func (a *app) keys(link envelope.Link, passphrase string) (*envelope.Keys, error) {
	defer a.slowly("Working on the passphrase")()
	return link.Keys(passphrase)
}

// announce prints the links and says in plain words what will happen.
func (a *app) announce(s sent, c client.Config) error {
	if a.json {
		return a.print(s)
	}
	if _, err := fmt.Fprintln(a.out, s.Link); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	with := ""
	if s.Passphrase {
		with = " with the passphrase, which you should send by another way"
	}
	a.say("The link opens the secret %s%s, until %s (%s). After that nothing is left of it.",
		count(s.Views, "time", "times"), with, stamp(s.ExpiresAt), span(s.ExpiresAt.Sub(c.Now)))
	a.say("Whoever has the link can open it. For yourself, to revoke it or to see whether it was read:\n  sss revoke, sss receipt\n%s", s.ManageLink)
	return nil
}
