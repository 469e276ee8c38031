// Command handler is the service: a custom handler under the Azure Functions
// host, or a standalone service on one machine. The environment decides which;
// see package config.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

// version is set by the build.
var version = "dev"

// gcPercent trades a few MiB of memory for a tenth of the processor time: nearly
// everything that a request allocates is garbage once it is answered.
const gcPercent = 400

const usage = `usage: handler               serve; the environment has the settings (docs/operations.md)
       handler check         check settings, data and keys without serving: exit 0 when nothing is wrong
       handler health        ask the running handler: exit 0 when it is ready
       handler backup FILE   copy store and keyring into a new file, also while the service runs;
                             - is standard output
       handler verify FILE   check a backup, and say what is in it
       handler version
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	code := command(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command runs the handler with the arguments and returns its exit code. The
// Functions host passes no arguments, and does not restart a handler that exits with 0.
func command(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	var err error
	switch {
	case len(args) == 0:
		err = run(ctx, environ, stdout)
	case len(args) == 1 && args[0] == "health":
		err = askHealth(ctx, environ, stdout)
	case len(args) == 1 && args[0] == "check":
		err = check(ctx, environ, stdout)
	case len(args) == 2 && args[0] == "backup":
		err = backUp(ctx, environ, args[1], stdout)
	case len(args) == 2 && args[0] == "verify":
		err = verifyBackup(args[1], stdout, clock.System())
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

// run serves until ctx is done, then drains.
func run(ctx context.Context, environ []string, out io.Writer) error {
	forbidCoreDumps()
	debug.SetGCPercent(gcPercent)
	if err := limitMemory(); err != nil {
		return err
	}
	cfg, err := config.Read(environ)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	tel, clk := telemetry.New(out, cfg.Log), clock.System()
	listener, err := listen(ctx, cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer func() { _ = listener.Close() }()
	cfg = cfg.ListeningOn(listener.Addr())
	gate := host.NewGate(problemHandler(secret.ErrUnavailable))
	front, err := newFront(cfg, gate, clk)
	if err != nil {
		return fmt.Errorf("open page: %w", err)
	}
	servers := []server{{listener, front}}
	if cfg.MetricsListen != "" {
		metrics, err := listen(ctx, cfg.MetricsListen)
		if err != nil {
			return fmt.Errorf("listen for metrics: %w", err)
		}
		defer func() { _ = metrics.Close() }()
		servers = append(servers, server{metrics, tel.Metrics()})
	}
	return serve(ctx, servers, func(ctx context.Context) (*app, error) {
		d, err := open(ctx, cfg, tel, clk)
		if err != nil {
			return nil, err
		}
		app, err := newApp(cfg, d, tel, clk)
		if err != nil {
			return nil, errors.Join(err, d.close()) //nolint:contextcheck // ctx may be done
		}
		if !cfg.Hosted {
			writeBanner(out, cfg, listener.Addr())
		}
		gate.Ready(app.handler)
		return app, nil
	})
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// server is a listener with its handler.
type server struct {
	net.Listener
	http.Handler
}

// serve answers on the servers' listeners from the first moment, starts the app, and
// runs its timers until ctx is done. Then it drains: the app is closed after the
// last request and the last run of a timer.
func serve(ctx context.Context, servers []server, start func(context.Context) (*app, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make([]error, len(servers))
	var serving sync.WaitGroup
	for i, s := range servers {
		serving.Go(func() {
			defer cancel()
			served[i] = host.Serve(ctx, s.Listener, s.Handler)
		})
	}
	app, err := start(ctx)
	if err != nil {
		cancel()
		serving.Wait()
		return errors.Join(append(served, err)...)
	}
	app.run(ctx)
	serving.Wait()
	return errors.Join(append(served, app.close())...)
}

// writeBanner tells the operator of a standalone service where everything is.
func writeBanner(out io.Writer, cfg *config.Config, addr net.Addr) {
	data, keys := filepath.Join(cfg.Data, "store.db"), filepath.Join(cfg.Data, "keyring")
	if cfg.TableURL != "" {
		data = cfg.TableURL
	}
	if cfg.VaultURL != "" {
		keys = cfg.VaultURL
	}
	server := ""
	if cfg.Origin != "http://127.0.0.1:7071" { // the command line's default
		server = " --server " + cfg.Origin
	}
	_, _ = fmt.Fprintf(out, `Secure Secret Sharer %s listens on %s, for %s
secrets are in   %s   (a loss of this file loses them)
sealing keys in  %s   (back them up apart from the store; the operator's key is beside them in admin.key)
send one with    printf 'my secret' | bin/sss send --ttl 1h%s
stop it with     Ctrl-C: everything that was answered is on disk
`, version, addr, cfg.Origin, data, keys, server)
}
