package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// print writes v as indented JSON on standard output.
func (a *app) print(v any) error {
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// harmless shows as escapes what could command a terminal or reorder its text,
// and returns how many it replaced. Line feeds, also after a carriage return, and tabs stay.
func harmless(b []byte) (string, int) {
	var s strings.Builder
	replaced := 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == '\r' && len(b) > 1 && b[1] == '\n':
		case r == '\n', r == '\t', r == '\u200d', unicode.IsGraphic(r) && (r != utf8.RuneError || n > 1):
			s.Write(b[:n])
		case n == 1:
			fmt.Fprintf(&s, `\x%02x`, b[0])
			replaced++
		default:
			fmt.Fprintf(&s, `\u%04x`, r)
			replaced++
		}
		b = b[n:]
	}
	return s.String(), replaced
}

// safeName makes a name in the current directory of what a stranger called a file.
func safeName(name string) string {
	name, _ = harmless([]byte(filepath.Base(strings.ReplaceAll(name, `\`, "/"))))
	name = strings.TrimLeft(strings.Map(func(r rune) rune {
		if strings.ContainsRune("/\\:*?\"<>|\n\t", r) {
			return '_'
		}
		return r
	}, name), ".-~ ")
	if name == "" || name == "_" || len(name) > 200 {
		return "secret.bin"
	}
	return name
}

// stamp is a time as people read it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// moment is stamp after a word, nothing where the time is not known.
func moment(word string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return word + stamp(t)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// span is a duration in its largest fitting unit.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return count(int((d+12*time.Hour)/(24*time.Hour)), "day", "days")
	case d >= 2*time.Hour:
		return count(int((d+30*time.Minute)/time.Hour), "hour", "hours")
	default:
		return count(int((d+30*time.Second)/time.Minute), "minute", "minutes")
	}
}

// printLine writes a text and a line feed on standard output, made harmless.
func (a *app) printLine(s string) error {
	s, _ = harmless([]byte(s))
	if _, err := fmt.Fprintln(a.out, s); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// shown makes one harmless line of what a server wrote.
func shown(s string) string {
	s, _ = harmless([]byte(s))
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(s)
}

// quoted is a word as a shell takes it.
func quoted(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+=:@", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
