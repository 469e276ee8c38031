package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

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
		line, err := a.askHidden(ctx, what+" (not shown): ")
		return string(line), err
	}
	b, err := await(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(a.in, maxLink)) })
	if err != nil {
		return "", fmt.Errorf("read link from standard input: %w", err)
	}
	return string(b), nil
}

func (a *app) secretLink(ctx context.Context, args []string) (envelope.Link, error) {
	s, err := a.argument(ctx, args, "Link")
	if err != nil {
		return envelope.Link{}, err
	}
	link, err := envelope.ParseLink(s)
	if _, manage := envelope.ParseManageLink(s); err != nil && manage == nil {
		return link, fmt.Errorf("%w: it is a manage link, for revoke, receipt and unlock", envelope.ErrLink)
	}
	return link, err
}

func (a *app) manageLink(ctx context.Context, args []string) (envelope.ManageLink, error) {
	s, err := a.argument(ctx, args, "Manage link")
	if err != nil {
		return envelope.ManageLink{}, err
	}
	link, err := envelope.ParseManageLink(s)
	if _, secret := envelope.ParseLink(s); err != nil && secret == nil {
		return link, fmt.Errorf("%w: it is the link that opens the secret; this command needs the manage link", envelope.ErrLink)
	}
	return link, err
}

// oneLink checks the arguments of commands that take a link.
func oneLink(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return errors.New(cmd.Name() + " takes one link; put it in quotes")
	}
	return nil
}
