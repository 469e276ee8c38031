//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a standalone handler.
type process struct {
	url string
	env []string
	cmd *exec.Cmd
	out *output
}

// output keeps what a process writes. Safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// standalone starts a handler on a free port, with the given settings besides.
func standalone(t testing.TB, settings ...string) *process {
	t.Helper()
	address := freeAddress(t)
	p := &process{url: "http://" + address, out: &output{}}
	p.env = append([]string{"PATH=" + os.Getenv("PATH"), "SSS_LISTEN=" + address, "SSS_DATA=" + filepath.Join(t.TempDir(), "data"), "SSS_RATE=off"}, settings...)
	p.start(t)
	t.Cleanup(func() { p.kill() })
	return p
}

// start starts the process, or another one with the same settings, and waits until it answers.
func (p *process) start(t testing.TB) {
	t.Helper()
	p.cmd = exec.Command(filepath.Join(dist, "handler"))
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start handler: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := answers(ctx, p.url+"/api/health"); err != nil {
		t.Fatalf("handler does not answer: %v\n%s", err, p.out)
	}
}

// data is the directory of what it keeps.
func (p *process) data() string {
	for _, v := range p.env {
		if dir, is := strings.CutPrefix(v, "SSS_DATA="); is {
			return dir
		}
	}
	return ""
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// stop ends the process as a service manager does, and returns how it ended.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// answers waits until an address answers 200.
func answers(ctx context.Context, url string) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(r); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
