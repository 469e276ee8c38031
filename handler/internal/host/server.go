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
func Serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       bodyLimit,
		WriteTimeout:      answerLimit,
		IdleTimeout:       2 * time.Minute, // the host closes idle connections after 1 min; ours must stay open longer
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
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
