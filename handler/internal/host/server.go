package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// portVariable is set by the host only.
const portVariable = "FUNCTIONS_CUSTOMHANDLER_PORT"

// Address reports whether the Functions host started the process, and the address
// on which it must then listen. It fails if the host's port is not valid.
func Address(getenv func(string) string) (addr string, hosted bool, err error) {
	port := getenv(portVariable)
	if port == "" {
		return "", false, nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", false, fmt.Errorf("%s: invalid port %q", portVariable, port)
	}
	return net.JoinHostPort("127.0.0.1", port), true, nil
}

const (
	// bodyLimit is the longest time from the first byte of a request to the end of
	// its body.
	bodyLimit = time.Minute

	// answerLimit is the longest time from the end of a request's header to the end
	// of its answer. A wait at the gate plus a timer's run must fit, and so must
	// the answer to a body that was too slow.
	answerLimit = TimerLimit + 20*time.Second
)

// drainLimit is how long a stop waits for calls in flight. Container platforms
// kill after 30 s.
const drainLimit = 20 * time.Second

// Serve serves on l until ctx is done, then waits for the calls in flight, 20 s at
// most, and returns nil if all finished. It closes l. It discards the log of
// net/http, which contains clients' addresses.
//
// A handler may move the deadlines of its request and answer. Serve keeps the kernel's
// buffers small and at most 2,048 connections open, see connections.
func Serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handling(handler),
		ConnContext:       withConnection,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       bodyLimit,
		WriteTimeout:      answerLimit,
		IdleTimeout:       2 * time.Minute, // the host closes idle connections after 1 min; ours must stay open longer
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(newConnections(l, maxConnections)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
		defer cancel()
		err := server.Shutdown(ctx)
		if err != nil {
			err = fmt.Errorf("drain: %w", errors.Join(err, server.Close()))
		}
		if served := <-failed; !errors.Is(served, http.ErrServerClosed) { // and l is closed
			err = errors.Join(err, served)
		}
		return err
	}
}

// gateLimit is how long a call waits for the app.
const gateLimit = 10 * time.Second

// Gate serves requests before the app is ready. It always answers the host's
// probe, GET /, at once, because the host sends no calls before that. Every other
// call waits for the app, 10 s at most. Safe for concurrent use.
type Gate struct {
	unavailable http.Handler
	once        sync.Once
	ready       chan struct{}
	app         http.Handler // set before ready is closed
}

// NewGate returns a closed gate. Calls that reach the limit go to unavailable,
// which should answer 503 with Retry-After.
func NewGate(unavailable http.Handler) *Gate {
	return &Gate{unavailable: unavailable, ready: make(chan struct{})}
}

// Ready opens the gate to the app. Only the first call counts.
func (g *Gate) Ready(app http.Handler) {
	g.once.Do(func() {
		g.app = app
		close(g.ready)
	})
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" && r.Method == http.MethodGet {
		w.WriteHeader(http.StatusOK)
		return
	}
	select {
	case <-g.ready:
		g.app.ServeHTTP(w, r)
	default:
		g.wait(w, r)
	}
}

// wait delays a call until the app is ready.
func (g *Gate) wait(w http.ResponseWriter, r *http.Request) {
	limit, cancel := context.WithTimeout(r.Context(), gateLimit)
	defer cancel()
	select {
	case <-g.ready:
		g.app.ServeHTTP(w, r)
	case <-limit.Done(): // net/http also ends it for a half-closed client, which must not get an empty 200
		g.unavailable.ServeHTTP(w, r)
	}
}
