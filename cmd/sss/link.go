package main

import (
	"context"
	"fmt"
	"io"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

// maxLink is the longest link that is read from standard input, in bytes.
const maxLink = 4096

// argument returns a link: the argument, else standard input, else a line from the
// terminal, which is not shown: a link is a secret.
func (a *app) argument(ctx context.Context, args []string, what string) (string, error) {
	switch {
	case len(args) == 1 && args[0] != "-":
		return args[0], nil
	case len(args) == 0 && isTerminal(a.in):
		line, err := a.ask(ctx, what+" (not shown): ", true)
		return string(line), err
	}
	b, err := await(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(a.in, maxLink)) })
	if err != nil {
		return "", fmt.Errorf("read link from standard input: %w", err)
	}
	return string(b), nil
}

// secretLink returns the link that opens a secret, and a client for it.
func (a *app) secretLink(ctx context.Context, args []string) (envelope.Link, *client.Client, error) {
	s, err := a.argument(ctx, args, "Link")
	if err != nil {
		return envelope.Link{}, nil, err
	}
	link, err := envelope.ParseLink(s)
	if err == nil {
		c, err := a.clientForLink(ctx, link.Origin)
		return link, c, err
	}
	if _, manage := envelope.ParseManageLink(s); manage == nil {
		err = fmt.Errorf("%w: it is a manage link, for revoke, receipt and unlock", envelope.ErrLink)
	}
	return link, nil, err
}

// manageLink returns a manage link, and a client for it.
func (a *app) manageLink(ctx context.Context, args []string) (envelope.ManageLink, *client.Client, error) {
	s, err := a.argument(ctx, args, "Manage link")
	if err != nil {
		return envelope.ManageLink{}, nil, err
	}
	link, err := envelope.ParseManageLink(s)
	if err == nil {
		c, err := a.clientForLink(ctx, link.Origin)
		return link, c, err
	}
	if _, secret := envelope.ParseLink(s); secret == nil {
		err = fmt.Errorf("%w: it is the link that opens the secret; this command needs the manage link", envelope.ErrLink)
	}
	return link, nil, err
}
