// Command sss sends and opens secrets from a terminal or a script.
//
// It encrypts and decrypts on this machine; the server sees only ciphertext. Links,
// passphrases and secrets come from standard input, files or prompts, so that none
// has to be in a shell's history. docs/cli.md is its guide.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/secretsharer/secretsharer/client"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// version is set by the build.
var version = "dev"

func main() {
	// A closed pipe must be a write error: open acknowledges a view only after it has written the secret.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C kills the process
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, random: rand.Reader, terminal: openTerminal}
	os.Exit(a.run(ctx, os.Args[1:]))
}

const defaultServer = "http://127.0.0.1:7071"

// app holds what all commands share.
type app struct {
	in       io.Reader
	out, err io.Writer
	random   io.Reader
	terminal func() (*terminal, error)

	server       string
	options      client.Options
	adminKeyFile string // of the commands about holds
	json         bool
	started      bool // the command line was valid
}

// run executes the command line and returns the exit code, see outcomes.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root() //nolint:contextcheck // cobra hands each command its context
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.started {
		err = fmt.Errorf("%w: %w", errUsage, err)
	}
	return a.report(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "sss",
		Short: "Share a secret by a link that opens once",
		Long: `Share a secret by a link that opens once, or a limited number of times, until it expires.
It is encrypted on this machine: the server cannot read it.

` + exits(),
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRun: func(*cobra.Command, []string) { a.started = true },
	}
	a.options.Agent = "sss/" + version
	f := root.PersistentFlags()
	f.StringVar(&a.server, "server", "", "the server's address (default $SSS_SERVER, else "+defaultServer+"; for links, the link's)")
	f.BoolVar(&a.options.AllowHTTP, "allow-http", false, "allow plain http to another machine")
	f.BoolVar(&a.json, "json", false, "print JSON on standard output")
	root.AddCommand(a.sendCommand(), a.openCommand(), a.statusCommand(), a.revokeCommand(),
		a.receiptCommand(), a.unlockCommand(), a.holdCommand(), a.releaseCommand(), a.holdsCommand(),
		a.versionCommand(), a.manCommand())
	return root
}

// command returns a command without long help and flags, which the caller adds.
func command(use, short string, args cobra.PositionalArgs, run func(context.Context, []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), args) },
	}
}

// takes refuses fewer or more arguments. text is what the command takes.
func takes(least, most int, text string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return errors.New(cmd.Name() + " takes " + text)
		}
		return nil
	}
}

// client returns a client of the server for commands without a link.
func (a *app) client() (*client.Client, error) {
	return client.New(cmp.Or(a.server, os.Getenv("SSS_SERVER"), defaultServer), a.options)
}

// clientForLink returns a client of the API that the link's page uses.
func (a *app) clientForLink(ctx context.Context, origin string) (*client.Client, error) {
	if a.server != "" {
		return client.New(a.server, a.options)
	}
	defer a.progress("Looking for the server")()
	return client.Discover(ctx, origin, a.options)
}

func (a *app) versionCommand() *cobra.Command {
	return command("version", "Print the version", cobra.NoArgs, func(context.Context, []string) error {
		return a.answer(map[string]any{"version": version, "format": 1, "go": runtime.Version()},
			fmt.Sprintf("sss %s (envelope format 1, %s)\n", version, runtime.Version()), "")
	})
}

// manCommand is for packagers.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIRECTORY",
		Short:  "Write the manual pages into a directory",
		Hidden: true,
		Args:   takes(1, 1, "one directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true // no date, so that builds are reproducible
			header := &doc.GenManHeader{Section: "1", Source: "sss " + version, Manual: "Secure Secret Sharer"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("write manual pages: %w", err)
			}
			return nil
		},
	}
}
