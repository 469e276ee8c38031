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

// portVariable is set by the host, and by nobody else.
const portVariable = "FUNCTIONS_CUSTOMHANDLER_PORT"

// Address reports whether the Functions host started the process, and on which
// address it then expects it.
func Address(getenv func(string) string) (addr string, hosted bool, err error) {
	port := getenv(portVariable)
	if port == "" {
		return "", false, nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", false, fmt.Errorf("%s: not a port: %q", portVariable, port)
	}
	return net.JoinHostPort("127.0.0.1", port), true, nil
}

const (
	// bodyLimit is how long a request may take from its first byte to the end of
	// its body; after that net/http lets the handler be.
	bodyLimit = time.Minute

	// answerLimit is how long it may take from the end of a request's header until
	// its answer is written: a wait at the gate and a timer's run must fit in, and
	// an answer to a body that was too slow.
	answerLimit = TimerLimit + 20*time.Second
)

// drainLimit is how long a stop waits for the calls that are being answered,
// below the 30 s that container platforms give.
const drainLimit = 20 * time.Second

// Serve answers on l until ctx is done, then lets the calls in flight finish, for
// 20 s at most, and returns nil when they all did. It closes l. What net/http
// would log names the clients' addresses, so it is dropped.
func Serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       bodyLimit,
		WriteTimeout:      answerLimit,
		IdleTimeout:       2 * time.Minute, // the host's pool lets go after one: it must be first
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		err := drain(ctx, server)
		if served := <-failed; !errors.Is(served, http.ErrServerClosed) { // and l is closed
			err = errors.Join(err, served)
		}
		return err
	}
}

func drain(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("drain: %w", errors.Join(err, server.Close()))
	}
	return nil
}
