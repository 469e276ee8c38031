package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

var errNoTerminal = errors.New("there is no terminal to ask on")

// terminal is the terminal that the command was started from, even if standard
// input and output are redirected.
type terminal struct{ in, out *os.File }

func openTerminal() (*terminal, error) {
	if runtime.GOOS == "windows" {
		in, errIn := os.OpenFile("CONIN$", os.O_RDWR, 0)
		out, errOut := os.OpenFile("CONOUT$", os.O_RDWR, 0)
		if errIn != nil || errOut != nil {
			return nil, errNoTerminal
		}
		return &terminal{in, out}, nil
	}
	f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, errNoTerminal
	}
	return &terminal{f, f}, nil
}

func (t *terminal) close() {
	_ = t.in.Close()
	if t.out != t.in {
		_ = t.out.Close()
	}
}

func isTerminal(stream any) bool {
	f, is := stream.(*os.File)
	return is && term.IsTerminal(int(f.Fd())) // #nosec G115 -- a descriptor
}

// askHidden prompts for a line and does not show what is typed.
func (a *app) askHidden(ctx context.Context, prompt string) ([]byte, error) {
	t, err := a.terminal()
	if err != nil {
		return nil, err
	}
	defer t.close()
	fd := int(t.in.Fd()) // #nosec G115 -- a descriptor
	before, err := term.GetState(fd)
	if err != nil {
		return nil, errNoTerminal
	}
	_, _ = fmt.Fprint(t.out, prompt)
	line, err := await(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if ctx.Err() != nil {
		_ = term.Restore(fd, before) // ReadPassword is still waiting, so it has not
	}
	_, _ = fmt.Fprintln(t.out)
	if err != nil {
		return nil, fmt.Errorf("read from the terminal: %w", err)
	}
	return line, nil
}

// ask prompts for a line.
func (a *app) ask(ctx context.Context, prompt string) (string, error) {
	t, err := a.terminal()
	if err != nil {
		return "", err
	}
	defer t.close()
	_, _ = fmt.Fprint(t.out, prompt)
	line, err := await(ctx, func() (string, error) { return readLine(t.in) })
	if err != nil {
		return "", fmt.Errorf("read from the terminal: %w", err)
	}
	return line, nil
}

// readLine reads byte by byte: what follows the line belongs to the next prompt.
func readLine(r io.Reader) (string, error) {
	var line bytes.Buffer
	var b [1]byte
	for line.Len() < 4096 {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			break
		}
		line.WriteByte(b[0])
	}
	return strings.TrimSuffix(line.String(), "\r"), nil
}

// await returns the result of f, or the context's error as soon as it ends: a read
// from a terminal or a pipe cannot be interrupted.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case r := <-done:
		return r.value, r.err
	}
}

// progress shows on a terminal what is being done, once it has taken a second. Call
// the returned function at its end.
func (a *app) progress(what string) (done func()) {
	if !isTerminal(a.err) {
		return func() {}
	}
	var mu sync.Mutex
	shown, over := false, false
	timer := time.AfterFunc(time.Second, func() {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			_, _ = fmt.Fprintf(a.err, "%s …", what)
			shown = true
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		over = true
		if shown {
			_, _ = fmt.Fprint(a.err, "\r\x1b[K")
		}
	}
}
