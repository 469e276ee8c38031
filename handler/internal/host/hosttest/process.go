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
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	probeInterval  = 25 * time.Millisecond
	crashesAllowed = 2
	restartCode    = 200 // exit code that asks for a restart
)

// process is one run of the handler.
type process struct {
	cmd    *exec.Cmd
	killed atomic.Bool // by the host, so not a crash
	exited chan struct{}
}

// supervise runs one process after another, as long as the host's rules allow.
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
			err = h.over
		})
		if err != nil {
			return
		}
	}
}

// start starts a process, unless the host was stopped.
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
		_ = p.cmd.Wait() // ProcessState has the details
		close(p.exited)
	}()
	return p, nil
}

// command is how the real host starts the handler.
func (h *Host) command() *exec.Cmd {
	d, worker := h.config.CustomHandler.Description, newGUID()
	cmd := exec.CommandContext(context.Background(), filepath.Join(h.dir, d.DefaultExecutablePath), d.Arguments...) //nolint:gosec // the tests' own executable
	cmd.Dir = h.dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir(),
		"FUNCTIONS_CUSTOMHANDLER_PORT=" + h.port, "FUNCTIONS_HTTPWORKER_PORT=" + h.port,
		"FUNCTIONS_CUSTOMHANDLER_WORKER_ID=" + worker, "FUNCTIONS_HTTPWORKER_ID=" + worker,
		"FUNCTIONS_APP_ROOT_PATH=" + h.dir, "FUNCTIONS_WORKER_RUNTIME=custom",
	}, h.env...)
	cmd.Stdout, cmd.Stderr = h.Out, h.Out
	cmd.WaitDelay = time.Second // a child of the handler may keep the output open
	return cmd
}

// probe asks for / until the connection is not refused; any answer counts, and
// even a reset.
func (h *Host) probe(p *process) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-p.exited
		cancel()
	}()
	for isDial(h.ask(ctx)) && ctx.Err() == nil {
		time.Sleep(probeInterval)
	}
	h.set(func() {
		if h.process == p && !p.gone() {
			h.ready = p
		}
	})
}

// ask sends the probe. An error means that there was no answer.
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

// gone reports whether p is dead or about to be.
func (p *process) gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return p.killed.Load()
	}
}

// settle waits, after a broken call, until it is clear whether the process lives.
// A dying process may still accept connections.
func (h *Host) settle(ctx context.Context, p *process) {
	for !p.gone() && h.ask(ctx) != nil && ctx.Err() == nil {
		time.Sleep(probeInterval / 5)
	}
}

// await waits until a process takes calls.
func (h *Host) await(ctx context.Context) (*process, error) {
	for {
		h.mu.Lock()
		ready, over, changed := h.ready, h.over, h.changed
		h.mu.Unlock()
		switch {
		case over != nil:
			return nil, over
		case ready != nil && !ready.gone(): // otherwise another follows
			return ready, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-changed:
		}
	}
}

func (h *Host) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
	close(h.changed)
	h.changed = make(chan struct{})
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
	h.set(func() {
		if h.over == nil {
			h.over = errStopped
		}
		h.ready = nil
	})
	h.Kill()
}

// reservePort finds a free port of 127.0.0.1 and keeps it for the handler until
// release. A bound socket that does not listen keeps other processes from being
// given the port, and probes from being sent from it, but lets the handler listen.
func reservePort() (port string, release func(), err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", nil, err
	}
	release = func() { _ = syscall.Close(fd) }
	err = errors.Join(syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1),
		syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	address, nameErr := syscall.Getsockname(fd)
	v4, ok := address.(*syscall.SockaddrInet4)
	if err = errors.Join(err, nameErr); err != nil || !ok {
		release()
		return "", nil, fmt.Errorf("bound to %T: %w", address, err)
	}
	return strconv.Itoa(v4.Port), release, nil
}

func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
