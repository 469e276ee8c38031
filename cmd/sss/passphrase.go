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

// passphrase returns the passphrase in a file, else what is typed.
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
