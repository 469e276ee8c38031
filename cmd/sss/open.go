package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
	"github.com/spf13/cobra"
)

type openFlags struct {
	output         string
	force          bool
	passphraseFile string
}

func (a *app) openCommand() *cobra.Command {
	var o openFlags
	cmd := linkCommand("open [LINK|-]", "Open a secret", func(ctx context.Context, args []string) error { return a.open(ctx, args, o) })
	cmd.Long = `Open a secret, which uses one of its views.
Without an argument, or with -, the link is read from standard input or a
prompt, which keeps it out of your shell's history. In a pipe the output is
exactly the data. On a terminal a text is shown with its control characters
escaped, and you are asked where to save a file.`
	cmd.Example = `  sss open
  pbpaste | sss open - --output key.pem`
	f := cmd.Flags()
	f.StringVarP(&o.output, "output", "o", "", "write to this new file, which only you can read")
	f.BoolVar(&o.force, "force", false, "let --output overwrite a file")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "read the passphrase from this file")
	return cmd
}

func (a *app) open(ctx context.Context, args []string, o openFlags) error {
	link, c, err := a.secretLink(ctx, args)
	if err != nil {
		return err
	}
	status, err := a.checkStatus(ctx, c, link)
	if err != nil {
		return err
	}
	var out *outputFile // nil for standard output
	if o.output != "" {
		// An output that cannot be written must fail before a view is taken.
		if out, err = newOutputFile(o.output, o.force); err != nil {
			return fmt.Errorf("--output: %w", err)
		}
		defer out.discard()
	}
	v, err := a.view(ctx, c, link, status.Passphrase, o.passphraseFile)
	if err != nil {
		return err
	}
	defer v.wipe()
	if err := a.output(ctx, v, out); err != nil {
		return err
	}
	a.acknowledge(ctx, c, v)
	return nil
}

// checkStatus returns the status. A held or frozen secret is an error, as reading it would be.
func (a *app) checkStatus(ctx context.Context, c *client.Client, link envelope.Link) (api.Status, error) {
	defer a.progress("Asking the server")()
	s, err := c.Status(ctx, link)
	if err == nil && s.State != api.StateLive {
		err = &client.Problem{Problem: api.Problem{Type: s.State}}
	}
	return s, err
}

// acknowledge ends the view. The secret is written, so an error here is not one of
// the command: the server ends the view by itself after two minutes.
func (a *app) acknowledge(ctx context.Context, c *client.Client, v *view) {
	done := a.progress("Confirming receipt")
	err := c.Ack(context.WithoutCancel(ctx), v.keys, v.key)
	done()
	switch {
	case err != nil:
		a.say("sss: the secret is here, but its receipt could not be confirmed to the server: %s", explain(err))
	case a.json:
	case v.left == 0:
		a.say("That was the last view: the server has deleted the secret.")
	default:
		a.say("It can be opened %s more.", count(v.left, "time", "times"))
	}
}

// view is a decrypted view of a secret. It is the only copy.
type view struct {
	data []byte
	meta envelope.Meta
	left int // views left
	keys *envelope.Keys
	key  client.Key
}

func (v *view) wipe() {
	clear(v.data)
	v.keys.Wipe()
}

// view takes a view. On a terminal it asks again after a wrong passphrase, and reads with the same key.
func (a *app) view(ctx context.Context, c *client.Client, link envelope.Link, needed bool, file string) (*view, error) {
	key, err := client.NewKey(a.random)
	if err != nil {
		return nil, err
	}
	for {
		keys, err := a.readerKeys(ctx, link, needed, file)
		if err != nil {
			return nil, err
		}
		reading, err := during(a, "Reading", func() (api.Reading, error) { return c.Read(ctx, keys, key) })
		if err == nil {
			return decrypt(reading, keys, key)
		}
		keys.Wipe()
		if !errors.Is(err, client.ErrWrongPassphrase) || !needed || file != "" || !a.canAsk() {
			return nil, err
		}
		a.say("sss: %s", explain(err))
	}
}

// readerKeys derives the keys of a link, with a passphrase if it needs one.
func (a *app) readerKeys(ctx context.Context, link envelope.Link, needed bool, file string) (*envelope.Keys, error) {
	if !needed {
		return link.Keys("")
	}
	passphrase, err := a.passphrase(ctx, file)
	if err != nil {
		return nil, err
	}
	return a.keys(link, passphrase)
}

func decrypt(r api.Reading, keys *envelope.Keys, key client.Key) (*view, error) {
	e, err := envelope.Open(bytes.NewReader(r.Envelope), keys)
	if err != nil {
		return nil, fmt.Errorf("the envelope cannot be opened: %w", err)
	}
	var data bytes.Buffer
	data.Grow(len(r.Envelope) + bytes.MinRead) // growing later would leave a copy in memory
	if _, err := io.Copy(&data, e); err != nil {
		clear(data.Bytes())
		return nil, fmt.Errorf("the envelope cannot be opened: %w", err)
	}
	return &view{data: data.Bytes(), meta: e.Meta(), left: r.ViewsLeft, keys: keys, key: key}, nil
}
