package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxLine is the longest passphrase or key, in bytes.
const maxLine = 4096

// newPassphrase returns a sender's passphrase, empty for none.
func (a *app) newPassphrase(ctx context.Context, wanted bool, file string) (string, error) {
	switch {
	case file != "":
		return passphraseFile(file)
	case !wanted:
		return "", nil
	}
	first, err := a.askPassphrase(ctx, "Passphrase (not shown): ")
	if err != nil {
		return "", err
	}
	again, err := a.askPassphrase(ctx, "Repeat the passphrase: ")
	if err != nil {
		return "", err
	}
	if first != again {
		return "", errors.New("the two passphrases differ")
	}
	return first, nil
}

// passphrase returns a reader's passphrase.
func (a *app) passphrase(ctx context.Context, file string) (string, error) {
	if file != "" {
		return passphraseFile(file)
	}
	return a.askPassphrase(ctx, "Passphrase (not shown): ")
}

func (a *app) askPassphrase(ctx context.Context, prompt string) (string, error) {
	line, err := a.askHidden(ctx, prompt)
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

// headerKey reads a key that is sent in a header.
func headerKey(path string) (string, error) {
	s, err := lineFile(path)
	if err != nil {
		return "", err
	}
	notVisible := func(r rune) bool { return r <= ' ' || r > '~' }
	if s == "" || strings.ContainsFunc(s, notVisible) {
		return "", errors.New("is not a key: want one line of visible ASCII characters")
	}
	return s, nil
}
