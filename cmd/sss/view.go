package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

// view is one view of a secret, decrypted. It is the only copy.
type view struct {
	data []byte
	meta envelope.Meta
	left int // views
	keys *envelope.Keys
	key  client.Key
}

func (v *view) wipe() {
	clear(v.data)
	v.keys.Wipe()
}

// view takes a view. On a terminal a wrong passphrase may be mended, with the same key.
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
		reading, err := a.reading(ctx, c, keys, key)
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

func (a *app) reading(ctx context.Context, c *client.Client, keys *envelope.Keys, key client.Key) (client.Reading, error) {
	defer a.slowly("Reading")()
	return c.Read(ctx, keys, key)
}

// readerKeys derives the keys of a link, with a passphrase where it is needed.
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

func decrypt(r client.Reading, keys *envelope.Keys, key client.Key) (*view, error) {
	e, err := envelope.Open(bytes.NewReader(r.Envelope), keys)
	if err != nil {
		return nil, fmt.Errorf("the envelope cannot be opened: %w", err)
	}
	var data bytes.Buffer
	data.Grow(len(r.Envelope) + bytes.MinRead) // so that no copy is left behind
	if _, err := io.Copy(&data, e); err != nil {
		clear(data.Bytes())
		return nil, fmt.Errorf("the envelope cannot be opened: %w", err)
	}
	return &view{data: data.Bytes(), meta: e.Meta(), left: r.ViewsLeft, keys: keys, key: key}, nil
}
