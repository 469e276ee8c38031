// Command sss sends and opens secrets from a terminal or a script.
//
// It encrypts and decrypts on this machine; the server sees only what it cannot
// read. Links, passphrases and secrets come from standard input, files and
// prompts, so that none need stand in a shell's history. docs/cli.md is its guide.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the build.
var version = "dev"

func main() {
	// A reader that goes away must be an error, since a view hangs on it, not the end.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
