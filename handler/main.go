// Command handler is the whole service: a custom handler under the Azure
// Functions host, and by itself a service on one machine. Which of the two it is
// the environment says, as all else; see Settings.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// version is set by the build.
var version = "dev"

// gcPercent trades a few MiB for a tenth of the processor: nearly all that a call
// allocates is garbage once it is answered, and the heap that lives on is small.
const gcPercent = 400

const usage = `usage: handler          serve, as the environment says (docs/operations.md)
       handler health   ask the one that is running: exit 0 when it is ready
       handler version
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	code := command(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command carries out what the arguments say and returns the exit code. The host
// passes none; it does not restart a handler that exits with 0.
func command(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	var err error
	switch {
	case len(args) == 0:
		err = run(ctx, environ, stdout)
	case len(args) == 1 && args[0] == "health":
		err = askHealth(ctx, environ)
	case len(args) == 1 && args[0] == "version":
		_, err = fmt.Fprintln(stdout, version)
	default:
		_, _ = io.WriteString(stderr, usage)
		return 2
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "handler: %v\n", err)
		return 1
	}
	return 0
}

// run serves until ctx ends, then drains. Tests call it as main does.
func run(ctx context.Context, environ []string, out io.Writer) error {
	keepNoCore()
	debug.SetGCPercent(gcPercent)
	s, err := readSettings(environ)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	watch := newWatch(out, s.Log)
	where := s.Listen
	if s.Hosted {
		where = s.HostAddress
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", where)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if s.Origin == "" {
		s.Origin = "http://" + listener.Addr().String()
	}
	server, err := newServer(s, watch, time.Now)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	return server.run(ctx, listener, out)
}
