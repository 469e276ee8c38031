package hosttest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	probeInterval  = 25 * time.Millisecond
	crashesAllowed = 2
	restartCode    = 200 // an exit that asks for another process
)

// process is one run of the handler.
type process struct {
	cmd    *exec.Cmd
	killed atomic.Bool // by the host, so no crash
	exited chan struct{}
}

// supervise runs one process after another, as long as the rules allow.
func (h *Host) supervise() {
	for crashes := 0; ; {
		p, err := h.start()
		if err != nil {
			h.set(func() { h.over = err })
			return
		}
		go h.probe(p)
		<-p.exited
		switch code := p.cmd.ProcessState.ExitCode(); {
		case p.killed.Load(), code == restartCode:
		case code == 0:
			err = ErrExited
		default:
			if crashes++; crashes > crashesAllowed {
				err = ErrCrashed
			}
		}
		h.set(func() {
			h.ready = nil
			if h.over == nil {
				h.over = err
			}
		})
		if h.stopped() {
			return
		}
	}
}

func (h *Host) stopped() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.over != nil
}

// start starts a process, which h.stop then finds, or none.
func (h *Host) start() (*process, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over != nil {
		return nil, h.over
	}
	p := &process{cmd: h.command(), exited: make(chan struct{})}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start handler: %w", err)
	}
	h.process = p
	go func() {
		_ = p.cmd.Wait() // its state says more
		close(p.exited)
	}()
	return p, nil
}

// command is how the real host starts the handler.
func (h *Host) command() *exec.Cmd {
	worker := newGUID()
	cmd := exec.CommandContext(context.Background(), h.executable(), h.config.CustomHandler.Description.Arguments...) //nolint:gosec // the tests' own executable
	cmd.Dir = h.dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir(),
		"FUNCTIONS_CUSTOMHANDLER_PORT=" + h.port,
		"FUNCTIONS_HTTPWORKER_PORT=" + h.port,
		"FUNCTIONS_CUSTOMHANDLER_WORKER_ID=" + worker,
		"FUNCTIONS_HTTPWORKER_ID=" + worker,
		"FUNCTIONS_APP_ROOT_PATH=" + h.dir,
		"FUNCTIONS_WORKER_RUNTIME=custom",
	}, h.env...)
	cmd.Stdout = h.logs.writer(stdout)
	cmd.Stderr = h.logs.writer(stderr)
	cmd.WaitDelay = time.Second // a child of the handler may hold the pipes
	return cmd
}

// probe asks for / until anything but a refusal comes back.
func (h *Host) probe(p *process) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-p.exited
		cancel()
	}()
	for isDial(h.ask(ctx)) && ctx.Err() == nil { // even a reset counts
		time.Sleep(probeInterval)
	}
	h.set(func() {
		if h.process == p && !p.gone() {
			h.ready = p
		}
	})
}

// gone reports whether p is dead or about to be.
func (p *process) gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return p.killed.Load()
	}
}

// settle waits, after a call broke off, until the process is seen to be dead or
// alive: a dying one may still take connections.
func (h *Host) settle(ctx context.Context, p *process) {
	for !p.gone() && h.ask(ctx) != nil && ctx.Err() == nil {
		time.Sleep(probeInterval / 5)
	}
}

// ask is the probe: an error means that there was no answer.
func (h *Host) ask(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.target("/"), nil)
	if err != nil {
		return err
	}
	r.Header.Set("User-Agent", "") // sends none
	res, err := h.transport.RoundTrip(r)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func (h *Host) target(path string) string { return "http://127.0.0.1:" + h.port + path }

// isDial reports whether a request failed before any of it was sent.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func (h *Host) kill(p *process) {
	h.set(func() {
		p.killed.Store(true)
		if h.ready == p {
			h.ready = nil
		}
	})
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may be gone already
}

func (h *Host) stop() {
	var p *process
	h.set(func() {
		if h.over == nil {
			h.over = errStopped
		}
		h.ready, p = nil, h.process
	})
	if p != nil {
		h.kill(p)
	}
}

func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
