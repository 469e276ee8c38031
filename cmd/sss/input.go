package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

// input is a secret to send. Clear data after use, and after an error, too.
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
	b, err := await(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(a.in, maxLine)) })
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

// maxLine is the longest link, passphrase, key or answer that is read, in bytes.
const maxLine = 4096

// newPassphrase returns a sender's passphrase, empty for none.
func (a *app) newPassphrase(ctx context.Context, wanted bool, file string) (string, error) {
	if !wanted && file == "" {
		return "", nil
	}
	first, err := a.passphrase(ctx, file)
	if err != nil || file != "" {
		return first, err
	}
	again, err := a.askPassphrase(ctx, "Repeat the passphrase: ")
	if err == nil && first != again {
		err = errors.New("the two passphrases differ")
	}
	return first, err
}

// passphrase returns the passphrase in a file, or asks for it.
func (a *app) passphrase(ctx context.Context, file string) (string, error) {
	if file != "" {
		return passphraseFile(file)
	}
	return a.askPassphrase(ctx, "Passphrase (not shown): ")
}

func (a *app) askPassphrase(ctx context.Context, prompt string) (string, error) {
	line, err := a.ask(ctx, prompt, true)
	defer clear(line)
	switch {
	case errors.Is(err, errNoTerminal):
		return "", fmt.Errorf("%w: a passphrase is needed and %w: use --passphrase-file", errUsage, err)
	case err != nil:
		return "", err
	case len(line) == 0:
		return "", errors.New("the passphrase is empty")
	}
	return string(line), nil
}

func passphraseFile(path string) (string, error) {
	s, err := lineFile(path)
	if err == nil && s == "" {
		err = errors.New("is empty")
	}
	if err != nil {
		return "", fmt.Errorf("--passphrase-file: %w", err)
	}
	return s, nil
}

// lineFile returns a file's content without its final newline.
func lineFile(path string) (string, error) {
	f, err := os.Open(path) // #nosec G304 -- the user names it
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxLine+1))
	defer clear(b)
	if err != nil {
		return "", err
	}
	if len(b) > maxLine {
		return "", fmt.Errorf("%s is longer than %d bytes", path, maxLine)
	}
	return string(bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))), nil
}

// headerKey reads the file of a flag, with a key that is sent in a header.
func headerKey(flag, path string) (string, error) {
	s, err := lineFile(path)
	notVisible := func(r rune) bool { return r <= ' ' || r > '~' }
	if err == nil && (s == "" || strings.ContainsFunc(s, notVisible)) {
		err = errors.New("is not a key: want one line of visible ASCII characters")
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	return s, nil
}
