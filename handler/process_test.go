package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// process is a run of command without arguments, as main calls it.
type process struct {
	t      *testing.T
	out    *testkit.Output
	stderr *testkit.Output
	stop   context.CancelFunc
	code   chan int
}

func begin(t *testing.T, environ ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &process{t, &testkit.Output{}, &testkit.Output{}, cancel, make(chan int, 1)}
	go func() { p.code <- command(ctx, nil, environ, p.out, p.stderr) }()
	t.Cleanup(cancel)
	return p
}

// exits waits for the process and checks its exit code and its message.
func (p *process) exits(want int, message string) {
	p.t.Helper()
	select {
	case got := <-p.code:
		if got != want || !strings.Contains(p.stderr.String(), message) {
			p.t.Errorf("exit code %d, want %d; wrote %q, want %q", got, want, p.stderr, message)
		}
	case <-time.After(testkit.Patience):
		p.t.Fatalf("still running:\n%s", p.out)
	}
}

var listens = regexp.MustCompile(`listens on ([^ ,]+), for (\S+)`)

// address waits for the banner, and returns the listening address and the origin in it.
func (p *process) address() (addr, origin string) {
	p.t.Helper()
	var m []string
	testkit.Await(p.t, "address", func() bool {
		m = listens.FindStringSubmatch(p.out.String())
		return m != nil
	}, p.out, p.stderr)
	return m[1], m[2]
}
