package bolt_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// helpers are programs that the test binary runs in a child process. Each writes its
// results to out.
var helpers = map[string]func(out io.Writer, args []string) error{
	"create": createUntilKilled,
	"write":  writeUntilKilled,
	"limit":  writeUntilFull,
}

// helperVariable names the helper of a child process and its arguments.
const helperVariable = "BOLT_TEST_HELPER"

func TestMain(m *testing.M) {
	name, args, _ := strings.Cut(os.Getenv(helperVariable), " ")
	if name == "" {
		os.Exit(m.Run())
	}
	if err := helpers[name](os.Stdout, strings.Fields(args)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// helper is a child process.
type helper struct {
	*exec.Cmd
	out *bufio.Scanner
}

// startHelper starts a helper and kills it when the test ends.
func startHelper(t testing.TB, name string, args ...string) *helper {
	t.Helper()
	h := &helper{Cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")}
	h.Env = append(os.Environ(), helperVariable+"="+strings.Join(append([]string{name}, args...), " "))
	h.Stderr = os.Stderr
	out, err := h.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.out = bufio.NewScanner(out)
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Process.Kill(); _ = h.Wait() })
	return h
}

// line returns the next line of the output.
func (h *helper) line(t testing.TB) string {
	t.Helper()
	if !h.out.Scan() {
		t.Fatalf("the helper ended: %v", h.out.Err())
	}
	return h.out.Text()
}
