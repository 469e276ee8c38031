package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
)

// operatorFlags are what every command about holds takes.
type operatorFlags struct{ keyFile string }

func (o *operatorFlags) add(cmd *cobra.Command) {
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.Flags().StringVar(&o.keyFile, "admin-key-file", "", "file with your operator's key, one line (needed)")
}

// operator returns a client that comes with the operator's key.
func (a *app) operator(o operatorFlags) (*client.Client, error) {
	if o.keyFile == "" {
		return nil, fmt.Errorf("%w: --admin-key-file is needed: the file with your operator's key", errUsage)
	}
	key, err := headerKey(o.keyFile)
	if err != nil {
		return nil, fmt.Errorf("--admin-key-file: %w", err)
	}
	a.warnOfReaders(o.keyFile)
	options := a.options()
	options.AdminKey = key
	return client.New(a.address(), options)
}

// warnOfReaders does not refuse: what is at stake may not wait.
func (a *app) warnOfReaders(path string) {
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		a.say("sss: --admin-key-file: others can get at %s; chmod 600 it, and change the key if they may have read it", path)
	}
}

// noHolds says what it means that a call about holds in general found nothing.
func noHolds(err error) error {
	if errors.Is(err, client.ErrNotFound) {
		return errors.New("this server has no quarantine: is --server the right one?")
	}
	return err
}

// inDoubt tells what may have happened where a change was not answered, or was cut off.
func (a *app) inDoubt(err error, what string) {
	if interrupted(err) || errors.Is(err, client.ErrUnreachable) || errors.Is(err, client.ErrUnavailable) {
		a.say("%s", what)
	}
}

// unsent tells that a change was made, but nobody was told.
func (a *app) unsent(o client.HoldOutcome, what string) {
	if !o.EventSent {
		a.say("%s; the event that tells of it could not be sent: tell those who watch yourself.", what)
	}
}
