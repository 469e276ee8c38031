package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"golang.org/x/term"
)

var errNoTerminal = errors.New("there is no terminal to ask on")

// terminal is the terminal that the command was started from, even if standard
// input and output are redirected.
type terminal struct{ in, out *os.File }

func openTerminal() (*terminal, error) {
	inName, outName := "/dev/tty", "/dev/tty"
	if runtime.GOOS == "windows" {
		inName, outName = "CONIN$", "CONOUT$"
	}
	in, errIn := os.OpenFile(inName, os.O_RDWR, 0)    // #nosec G304 -- one of the names above
	out, errOut := os.OpenFile(outName, os.O_RDWR, 0) // #nosec G304 -- one of the names above
	if errIn != nil || errOut != nil {
		return nil, errNoTerminal
	}
	return &terminal{in, out}, nil
}

func (t *terminal) close() {
	_ = t.in.Close()
	_ = t.out.Close()
}

func isTerminal(stream any) bool {
	f, is := stream.(*os.File)
	return is && term.IsTerminal(int(f.Fd())) // #nosec G115 -- a descriptor
}

// ask prompts for a line of at most 4096 bytes. The prompt is escaped. If it is hidden, the terminal does not
// show what is typed.
func (a *app) ask(ctx context.Context, prompt string, hidden bool) ([]byte, error) {
	t, err := a.terminal()
	if err != nil {
		return nil, err
	}
	defer t.close()
	read := func() ([]byte, error) { return readLine(t.in) }
	if hidden {
		fd := int(t.in.Fd()) // #nosec G115 -- a descriptor
		before, err := term.GetState(fd)
		if err != nil {
			return nil, errNoTerminal
		}
		read = func() ([]byte, error) { return term.ReadPassword(fd) }
		defer func() {
			if ctx.Err() != nil {
				_ = term.Restore(fd, before) // ReadPassword is still waiting, so it has not
			}
			_, _ = fmt.Fprintln(t.out)
		}()
	}
	prompt, _ = escape([]byte(prompt))
	_, _ = io.WriteString(t.out, prompt)
	line, err := await(ctx, read)
	if err != nil {
		return nil, fmt.Errorf("read from the terminal: %w", err)
	}
	return line, nil
}

// readLine reads byte by byte: what follows the line belongs to the next prompt.
func readLine(r io.Reader) ([]byte, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < maxLine; line = append(line, b[0]) {
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		if b[0] == '\n' {
			break
		}
	}
	return bytes.TrimSuffix(line, []byte("\r")), nil
}

// await returns the result of f, or the context's error as soon as it ends: a read
// from a terminal or a pipe cannot be interrupted.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	done := make(chan func() (T, error), 1)
	go func() {
		v, err := f()
		done <- func() (T, error) { return v, err }
	}()
	select {
	case <-ctx.Done():
		return *new(T), ctx.Err()
	case result := <-done:
		return result()
	}
}

// progress shows on a terminal what is being done, once it has taken a second. Call
// the returned function once, at its end.
func (a *app) progress(what string) (done func()) {
	if !isTerminal(a.err) {
		return func() {}
	}
	shown := make(chan struct{})
	timer := time.AfterFunc(time.Second, func() {
		_, _ = fmt.Fprintf(a.err, "%s …", what)
		close(shown)
	})
	return func() {
		if !timer.Stop() {
			<-shown
			_, _ = fmt.Fprint(a.err, "\r\x1b[K")
		}
	}
}

// during returns the result of f, with progress.
func during[T any](a *app, what string, f func() (T, error)) (T, error) {
	defer a.progress(what)()
	return f()
}
