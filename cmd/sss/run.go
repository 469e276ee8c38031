package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
)

const defaultServer = "http://127.0.0.1:7071"

// app is what the commands share.
type app struct {
	in       io.Reader
	out, err io.Writer
	random   io.Reader
	terminal func() (*terminal, error)

	server    string
	allowHTTP bool
	json      bool
	started   bool // the command line was understood
}

// run does what the arguments say and returns the exit code, see exits.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	a := &app{in: in, out: out, err: errOut, random: rand.Reader, terminal: openTerminal}
	return a.run(ctx, args)
}

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
		Long: `Share a secret by a link that opens once, or a set number of times, within a set time.
It is encrypted here: the server cannot read it.

` + exits(),
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRun: func(*cobra.Command, []string) { a.started = true },
	}
	f := root.PersistentFlags()
	f.StringVar(&a.server, "server", "", "address of the server (default $SSS_SERVER, else "+defaultServer+"; for links: their own)")
	f.BoolVar(&a.allowHTTP, "allow-http", false, "allow plain http also to another machine")
	f.BoolVar(&a.json, "json", false, "print JSON on standard output")
	root.AddCommand(a.sendCommand(), a.openCommand(), a.statusCommand(), a.revokeCommand(),
		a.receiptCommand(), a.unlockCommand(), a.holdCommand(), a.releaseCommand(), a.holdsCommand(),
		a.versionCommand(), a.manCommand())
	return root
}

func (a *app) options() client.Options {
	return client.Options{AllowHTTP: a.allowHTTP, Agent: "sss/" + version}
}

// sender returns a client of the server that new secrets go to.
func (a *app) sender(createKey string) (*client.Client, error) {
	o := a.options()
	o.CreateKey = createKey
	return client.New(a.address(), o)
}

// address is that of the server where no link names one.
func (a *app) address() string { return cmp.Or(a.server, os.Getenv("SSS_SERVER"), defaultServer) }

// holder returns a client of the server that a link belongs to.
func (a *app) holder(ctx context.Context, origin string) (*client.Client, error) {
	if a.server != "" {
		return client.New(a.server, a.options())
	}
	defer a.slowly("Looking for the server")()
	return client.Discover(ctx, origin, a.options())
}

func (a *app) say(format string, args ...any) { _, _ = fmt.Fprintf(a.err, format+"\n", args...) }
