package storetest

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// Azurite returns the URL of a Table service in memory, on a free loopback port. A
// test process starts one, which ends with the process. The program is
// $AZURITE_TABLE, or the one that make installs in tools.
func Azurite(t testing.TB) string {
	t.Helper()
	shared.start.Do(func() { shared.address, shared.lifeline = startAzurite(t) })
	return await(t, shared.address)
}

// OwnAzurite returns the URL of another one, with empty tables, which ends with the test.
func OwnAzurite(t testing.TB) string {
	t.Helper()
	address, lifeline := startAzurite(t)
	t.Cleanup(func() { _ = lifeline.Close() })
	return await(t, address)
}

var shared struct {
	start    sync.Once
	address  string
	lifeline io.Closer // a reference, so that the pipe is not collected and closed
}

// startAzurite starts a service, which ends when its lifeline is closed.
func startAzurite(t testing.TB) (address string, lifeline io.Closer) {
	t.Helper()
	program := os.Getenv("AZURITE_TABLE")
	if program == "" {
		program = filepath.Join(testkit.ModuleRoot(t), "tools", "node_modules", ".bin", "azurite-table")
	}
	address = testkit.FreeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	// The shell reads a pipe that this process keeps open, so that azurite ends however the process ends.
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "/bin/sh", "-c", `"$0" "$@" >/dev/null 2>&1 </dev/null & child=$!; cat; kill $child`, // #nosec G204 G702 -- a tool of the tests
		program, "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent", "--tablePort", port)
	lifeline, err := command.StdinPipe()
	must(t, err)
	must(t, command.Start())
	go func() { _ = command.Wait() }()
	return address, lifeline
}

func await(t testing.TB, address string) (url string) {
	t.Helper()
	testkit.Await(t, "connection to azurite (make installs it)", func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		return err == nil && conn.Close() == nil
	})
	return "http://" + address
}
