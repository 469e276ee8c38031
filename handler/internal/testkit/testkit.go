// Package testkit starts programs, collects what they write and waits for
// conditions, for tests of every package below handler. A helper that cannot
// do its work fails the test.
package testkit

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Patience is how long Await waits for a condition, and a process for its end.
const Patience = 30 * time.Second

// Output keeps what is written to it. Safe for concurrent use; the zero value is
// empty and ready.
type Output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write never fails.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String returns all that was written so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Clock is a clock that stands still until a test moves it. Safe for concurrent
// use; the zero value shows the zero time.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows t.
func NewClock(t time.Time) *Clock { return &Clock{now: t} }

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set sets the clock.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Advance moves the clock by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Await checks the condition every few milliseconds until it holds. After
// Patience it fails the test with the name of the condition and the details,
// such as the Output of the process that was waited for. Call it from the test's
// own goroutine.
func Await(t testing.TB, what string, holds func() bool, details ...fmt.Stringer) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(Patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("no %s after %v\n%s", what, Patience, details)
		}
	}
}

// Answers reports whether a GET of the URL is answered with status 200.
func Answers(url string) bool {
	res, err := http.Get(url) //nolint:gosec,noctx // an address of the test's own
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, res.Body)
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

// FreeAddress returns host and port of a loopback address that nobody listens on.
// Another process may take it before the caller does; that is rare.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // returns at once
	if err != nil {
		t.Fatalf("find a free address: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatalf("find a free address: %v", err)
	}
	return l.Addr().String()
}

// ModuleRoot returns the directory of the go.mod above the test's package.
func ModuleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}

// Process is a program that runs beside the test. One goroutine at a time may
// end it; Out may be read by all.
type Process struct {
	Cmd *exec.Cmd
	Out *Output // standard output and standard error

	exited chan struct{}
	err    error // of Wait, once exited is closed
}

// Start starts the command, whose Stdout and Stderr it sets, and kills it when
// the test ends.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{Cmd: cmd, Out: &Output{}, exited: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.Out, p.Out
	cmd.WaitDelay = time.Second // a child of it may keep the output open
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", filepath.Base(cmd.Path), err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(p.Kill)
	return p
}

// AwaitAnswer waits until a GET of the URL is answered with status 200. It fails
// the test at once when the process ends before that.
func (p *Process) AwaitAnswer(t testing.TB, url string) {
	t.Helper()
	Await(t, "answer from "+url, func() bool {
		select {
		case <-p.exited:
			t.Fatalf("it ended before it answered: %v\n%s", p.err, p.Out)
		default:
		}
		return Answers(url)
	}, p.Out)
}

// Kill ends the process with SIGKILL and returns when it is gone.
func (p *Process) Kill() {
	_ = p.Cmd.Process.Kill() // it may have ended already
	<-p.exited
}

// Stop ends the process with SIGTERM, as a service manager does, and returns its
// error as exec.Cmd.Wait has it: nil for exit code 0. After Patience it kills it.
func (p *Process) Stop() error {
	_ = p.Cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	return p.Wait()
}

// Wait waits for the process to end by itself and returns its error as
// exec.Cmd.Wait has it. After Patience it kills it.
func (p *Process) Wait() error {
	select {
	case <-p.exited:
	case <-time.After(Patience):
		p.Kill()
		return fmt.Errorf("killed after %v: %w", Patience, p.err)
	}
	return p.err
}
