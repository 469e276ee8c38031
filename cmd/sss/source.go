package main

import (
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

// source is what is sent. Clear data when done.
type source struct {
	data []byte
	meta envelope.Meta
}

// source reads the secret: a file, standard input to its end, or one line that
// is typed unseen. It refuses what an envelope of maxEnvelope bytes cannot hold.
func (a *app) source(ctx context.Context, file, name string, maxEnvelope int64) (source, error) {
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
		err = errors.New("there is nothing to send: the secret is empty")
	case most < 0:
		err = fmt.Errorf("%w: --name: not a name that can be sent", errUsage)
	case int64(len(s.data)) > most:
		err = fmt.Errorf("the secret is too large: this server takes at most %d bytes", most)
	}
	if err != nil {
		clear(s.data)
	}
	return s, err
}

func (a *app) read(ctx context.Context, file string, limit int64) (source, error) {
	switch {
	case file != "":
		f, err := os.Open(file) // #nosec G304 -- the user's own choice
		if err != nil {
			return source{}, fmt.Errorf("--file: %w", err)
		}
		defer func() { _ = f.Close() }()
		data, err := readAll(ctx, f, limit)
		return source{data, fileMeta(filepath.Base(file))}, err
	case isTerminal(a.in):
		most := envelope.MaxData(envelope.Meta{Type: envelope.Text}, limit)
		a.say("One line, not shown. For more, pipe it in or use --file: at most %d bytes.", most)
		line, err := a.askHidden(ctx, "Secret: ")
		return source{line, envelope.Meta{Type: envelope.Text}}, err
	}
	data, err := readAll(ctx, a.in, limit)
	meta := envelope.Meta{Type: envelope.Text}
	if !utf8.Valid(data) {
		meta = fileMeta("secret.bin")
	}
	return source{data, meta}, err
}

// readAll reads up to limit bytes and one more, into one buffer that can be cleared.
func readAll(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	b := make([]byte, limit+1)
	n, err := await(ctx, func() (int, error) { return io.ReadFull(r, b) })
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	return b[:n], nil
}

func fileMeta(name string) envelope.Meta {
	media := mime.TypeByExtension(filepath.Ext(name))
	if media == "" {
		media = "application/octet-stream"
	}
	return envelope.Meta{Type: envelope.File, Name: name, Media: media}
}
