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

// helpers are what the test binary does in a process of its own, instead of
// testing: each reads its work from stdin and writes what it saw to stdout.
var helpers = map[string]func(in io.Reader, out io.Writer, args []string) error{
	"write": writeUntilKilled,
	"limit": writeUntilFull,
}

const helperVariable = "STORE_TEST_HELPER"

func TestMain(m *testing.M) {
	name, args, _ := strings.Cut(os.Getenv(helperVariable), " ")
	if name == "" {
		os.Exit(m.Run())
	}
	if err := helpers[name](os.Stdin, os.Stdout, strings.Fields(args)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// helper is a running process.
type helper struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// startHelper starts a helper, which ends when the test ends.
func startHelper(t testing.TB, name string, args ...string) *helper {
	t.Helper()
	h := &helper{Cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")}
	h.Env = append(os.Environ(), helperVariable+"="+strings.Join(append([]string{name}, args...), " "))
	h.Stderr = os.Stderr
	in, err := h.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.in, h.out = in, bufio.NewScanner(out)
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = h.Process.Kill(); _ = h.Wait() })
	return h
}

// line returns the next line that the helper writes.
func (h *helper) line(t testing.TB) string {
	t.Helper()
	if !h.out.Scan() {
		t.Fatalf("the helper ended: %v", h.out.Err())
	}
	return h.out.Text()
}

// say writes a line of a helper or to one.
func say(w io.Writer, words ...any) { _, _ = fmt.Fprintln(w, words...) }
