package hosttest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
)

// Line is a line of the handler's output as the host logs it.
type Line struct {
	Level string // Information, Error, or Warning
	Text  string
}

// Logs returns the lines so far, of all processes.
func (h *Host) Logs() []Line {
	lines, _ := h.logs.read()
	return lines
}

// AwaitLog returns the first line, old or new, for which match holds.
func (h *Host) AwaitLog(ctx context.Context, match func(Line) bool) (Line, error) {
	for seen := 0; ; {
		lines, more := h.logs.read()
		for ; seen < len(lines); seen++ {
			if match(lines[seen]) {
				return lines[seen], nil
			}
		}
		select {
		case <-ctx.Done():
			return Line{}, errors.Join(errors.New("no such line"), context.Cause(ctx))
		case <-more:
		}
	}
}

type logs struct {
	mu    sync.Mutex
	lines []Line
	more  chan struct{} // closed with the next line; made when waited for
}

func (l *logs) read() ([]Line, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.more == nil {
		l.more = make(chan struct{})
	}
	return l.lines[:len(l.lines):len(l.lines)], l.more
}

func (l *logs) add(line Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
}

func (l *logs) writer(level func(string) string) *lineWriter {
	return &lineWriter{logs: l, level: level}
}

func stdout(string) string { return "Information" }

func stderr(text string) string {
	if strings.Contains(strings.ToLower(text), "warn") {
		return "Warning"
	}
	return "Error"
}

// lineWriter makes lines of one stream of one process.
type lineWriter struct {
	logs  *logs
	level func(string) string
	rest  []byte
}

func (w *lineWriter) Write(data []byte) (int, error) {
	w.rest = append(w.rest, data...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(data), nil
		}
		w.logs.add(Line{Level: w.level(string(line)), Text: string(line)})
		w.rest = rest
	}
}
