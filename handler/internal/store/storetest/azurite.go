package storetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Azurite returns the address of a Table service on a free port of the loopback
// interface, in memory. A test process starts one, and ends it with itself. It is found
// by $AZURITE_TABLE, or among the tools that make installs.
func Azurite(t testing.TB) string {
	t.Helper()
	url, err := azurite()
	if err != nil {
		t.Fatalf("start azurite (make installs it): %v", err)
	}
	return url
}

var azurite = sync.OnceValues(func() (string, error) {
	program := os.Getenv("AZURITE_TABLE")
	if program == "" {
		root, err := moduleRoot()
		if err != nil {
			return "", err
		}
		program = filepath.Join(root, "tools", "node_modules", ".bin", "azurite-table")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	if err := listener.Close(); err != nil {
		return "", err
	}
	// The shell waits on a pipe that this process holds open, so that azurite ends with it, however it ends.
	command := exec.Command("/bin/sh", "-c", `"$0" "$@" >/dev/null 2>&1 </dev/null & child=$!; cat; kill $child`, // #nosec G204 -- a tool of the tests
		program, "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent", "--tablePort", port)
	if lifeline, err = command.StdinPipe(); err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	return "http://" + address, answers(address)
})

// answers waits until something listens.
func answers(address string) error {
	deadline := time.Now().Add(time.Minute)
	for {
		conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", address)
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no answer: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// lifeline is kept so that the pipe is not collected, and closed, before the process ends.
var lifeline io.WriteCloser //nolint:unused // to hold it is all that it is for

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
	}
	return "", err
}
