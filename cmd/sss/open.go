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
	again          string
}

func (a *app) openCommand() *cobra.Command {
	var o openFlags
	cmd := linkCommand("open [LINK|-]", "Open a secret", func(ctx context.Context, args []string) error { return a.open(ctx, args, o) })
	cmd.Long = `Open a secret, which uses one of its views.
Without an argument, or with -, the link is read from standard input or a
prompt, which keeps it out of your shell's history. In a pipe the output is
exactly the data. On a terminal a text is shown with its control characters
escaped, and you are asked where to save a file.
A view ends once its data is written. If that fails, --again gets the same view.`
	cmd.Example = `  sss open
  pbpaste | sss open - --output key.pem`
	f := cmd.Flags()
	f.StringVarP(&o.output, "output", "o", "", "write to this new file, which only you can read")
	f.BoolVar(&o.force, "force", false, "let --output overwrite a file")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "read the passphrase from this file")
	f.StringVar(&o.again, "again", "", "get the view that has this key again, within two minutes; a failed 'sss open' prints it")
	return cmd
}

func (a *app) open(ctx context.Context, args []string, o openFlags) error {
	key, err := o.key(a.random)
	if err != nil {
		return err
	}
	link, c, err := a.secretLink(ctx, args)
	if err != nil {
		return err
	}
	status, err := a.checkStatus(ctx, c, link)
	if o.again != "" && errors.Is(err, client.ErrGone) { // except for this view
		status, err = api.Status{Passphrase: o.passphraseFile != ""}, nil
	}
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
	v := &view{key: key}
	defer v.wipe()
	if err = a.take(ctx, c, link, v, status.Passphrase, o.passphraseFile); err == nil {
		err = a.output(ctx, v, out)
	}
	if err != nil && v.taken {
		return &unsaved{err, api.Encode(v.key[:]), status.Passphrase}
	}
	if err != nil {
		return err
	}
	a.acknowledge(ctx, c, v)
	if v.meta.Type == "" {
		return errNoMeta
	}
	return nil
}

// errNoMeta is returned after the data was written and acknowledged.
var errNoMeta = errors.New("the data is complete, but its sender's description cannot be read: it may be a text or a file of any kind")

// key returns the key of a new view, or of the view that is wanted again.
func (o *openFlags) key(random io.Reader) (client.Key, error) {
	if o.again == "" {
		return client.NewKey(random)
	}
	b, err := api.Decode(o.again)
	if err != nil || len(b) != len(client.Key{}) {
		return client.Key{}, fmt.Errorf("%w: --again: want the 43 characters that 'sss open' printed", errUsage)
	}
	return client.Key(b), nil
}

// unsaved is an error of open after which a view may be taken whose data is nowhere.
type unsaved struct {
	error
	key        string // of the view
	passphrase bool   // it is needed
}

func (u *unsaved) Unwrap() error { return u.error }

// again says how to get the view again.
func (u *unsaved) again() string {
	file := ""
	if u.passphrase {
		file = " --passphrase-file FILE"
	}
	return "The view is not acknowledged. For two minutes after its first reading, this gets it again:\n  sss open --again " + u.key + file
}

// checkStatus returns the status. A held or frozen secret is an error, as reading it would be.
func (a *app) checkStatus(ctx context.Context, c *client.Client, link envelope.Link) (api.Status, error) {
	defer a.progress("Asking the server")()
	s, err := c.Status(ctx, link)
	if err == nil && s.State != api.StateLive {
		err = &client.Problem{Problem: api.Problem{Type: s.State, Reason: s.Reason}}
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

	taken bool // on the server, or it may be
}

func (v *view) wipe() {
	clear(v.data)
	if v.keys != nil {
		v.keys.Wipe()
	}
}

// take takes the view of v's key. On a terminal it asks again after a wrong passphrase, and reads with the same key.
func (a *app) take(ctx context.Context, c *client.Client, link envelope.Link, v *view, needed bool, file string) error {
	for {
		keys, err := a.readerKeys(ctx, link, needed, file)
		if err != nil {
			return err
		}
		reading, err := during(a, "Reading", func() (api.Reading, error) { return c.Read(ctx, keys, v.key) })
		v.keys, v.taken = keys, err == nil || inDoubt(err)
		if err == nil {
			return v.decrypt(reading)
		}
		keys.Wipe()
		if !errors.Is(err, client.ErrWrongPassphrase) || !needed || file != "" || !a.canAsk() {
			return err
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

// decrypt opens the envelope. Data that has no readable description is better than none.
func (v *view) decrypt(r api.Reading) error {
	e, err := envelope.OpenData(bytes.NewReader(r.Envelope), v.keys)
	if err != nil {
		return fmt.Errorf("the envelope cannot be opened: %w", err)
	}
	var data bytes.Buffer
	data.Grow(len(r.Envelope) + bytes.MinRead) // growing later would leave a copy in memory
	if _, err := io.Copy(&data, e); err != nil {
		clear(data.Bytes())
		return fmt.Errorf("the envelope cannot be opened: %w", err)
	}
	v.data, v.meta, v.left = data.Bytes(), e.Meta(), r.ViewsLeft
	return nil
}
