package main

import (
	"context"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

// process is command with no arguments, as main calls it.
type process struct {
	t      *testing.T
	out    *output
	stderr *output
	stop   context.CancelFunc
	code   chan int
}

func begin(t *testing.T, environ ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &process{t, &output{}, &output{}, cancel, make(chan int, 1)}
	go func() { p.code <- command(ctx, nil, environ, p.out, p.stderr) }()
	t.Cleanup(cancel)
	return p
}

// exits waits for the process and checks its exit code and what it said of why.
func (p *process) exits(want int, says string) {
	p.t.Helper()
	select {
	case got := <-p.code:
		if got != want || !strings.Contains(p.stderr.String(), says) {
			p.t.Errorf("exit code %d, want %d; said %q, want %q", got, want, p.stderr, says)
		}
	case <-time.After(30 * time.Second):
		p.t.Fatalf("it still runs:\n%s", p.out)
	}
}

var listens = regexp.MustCompile(`listens on ([^ ,]+), for (\S+)`)

// address waits until the process says where it listens, and for which origin.
func (p *process) address() (addr, origin string) {
	p.t.Helper()
	var m []string
	p.await("address", func() bool {
		m = listens.FindStringSubmatch(p.out.String())
		return m != nil
	})
	return m[1], m[2]
}

// await looks until the condition holds.
func (p *process) await(what string, holds func() bool) {
	p.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	limit := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-look.C:
		case <-limit:
			p.t.Fatalf("no %s:\n%s%s", what, p.out, p.stderr)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
