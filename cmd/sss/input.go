package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

// input is a secret to send. Clear data after use.
type input struct {
	data []byte
	meta envelope.Meta
}

// input reads the secret: a file, all of standard input, or on a terminal one line
// that is not shown. It refuses more than fits into an envelope of maxEnvelope bytes.
func (a *app) input(ctx context.Context, file, name string, maxEnvelope int64) (input, error) {
	maxEnvelope = min(maxEnvelope, client.MaxEnvelope)
	s, err := a.read(ctx, file, maxEnvelope)
	if err != nil {
		return s, err
	}
	if name != "" {
		s.meta = fileMeta(name)
	}
	most := envelope.MaxData(s.meta, maxEnvelope)
	switch {
	case len(s.data) == 0:
		err = errors.New("the secret is empty")
	case most < 0:
		err = fmt.Errorf("%w: --name: too long, or not valid UTF-8", errUsage)
	case int64(len(s.data)) > most:
		err = fmt.Errorf("the secret is too large: this server accepts at most %d bytes", most)
	}
	if err != nil {
		clear(s.data)
	}
	return s, err
}

func (a *app) read(ctx context.Context, file string, limit int64) (input, error) {
	switch {
	case file != "":
		f, err := os.Open(file) // #nosec G304 -- the user's own choice
		if err != nil {
			return input{}, fmt.Errorf("--file: %w", err)
		}
		defer func() { _ = f.Close() }()
		data, err := readAll(ctx, f, limit)
		return input{data, fileMeta(filepath.Base(file))}, err
	case isTerminal(a.in):
		most := envelope.MaxData(envelope.Meta{Type: envelope.Text}, limit)
		a.say("One line, not shown. For more, pipe it in or use --file. At most %d bytes.", most)
		line, err := a.ask(ctx, "Secret: ", true)
		return input{line, envelope.Meta{Type: envelope.Text}}, err
	}
	data, err := readAll(ctx, a.in, limit)
	meta := envelope.Meta{Type: envelope.Text}
	if !utf8.Valid(data) {
		meta = fileMeta("secret.bin")
	}
	return input{data, meta}, err
}

// readAll reads at most limit+1 bytes into one buffer, which can be cleared: no copy stays in memory.
func readAll(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	b := make([]byte, limit+1)
	n, err := await(ctx, func() (int, error) { return io.ReadFull(r, b) })
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	return b[:n], nil
}

func fileMeta(name string) envelope.Meta {
	media := cmp.Or(mime.TypeByExtension(filepath.Ext(name)), "application/octet-stream")
	return envelope.Meta{Type: envelope.File, Name: name, Media: media}
}
