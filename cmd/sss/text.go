package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text reaches a terminal by print, write, say and ask only, which escape it: it may come
// from another person or from a server. Standard output is escaped even where it is no terminal,
// except the data of open.

// print writes v as indented JSON on standard output.
func (a *app) print(v any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	if _, err := io.WriteString(a.out, escapeJSON(text.String())); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// say prints an escaped text and a line end on standard error.
func (a *app) say(format string, args ...any) {
	s, _ := escape(fmt.Appendf(nil, format+"\n", args...))
	_, _ = io.WriteString(a.err, s)
}

// answer prints the result of a command: v with --json, else a text on standard output
// and a note on standard error. Either may be empty.
func (a *app) answer(v any, text, note string) error {
	if a.json {
		return a.print(v)
	}
	if text != "" {
		if err := a.write(text); err != nil {
			return err
		}
	}
	if note != "" {
		a.say("%s", note)
	}
	return nil
}

// visible reports whether a terminal shows a character as itself: it neither controls the
// terminal nor reorders its text, and is not hidden in it.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// escapeJSON escapes what is not visible in JSON, which stays the same for its readers.
func escapeJSON(text string) string {
	var s strings.Builder
	for _, r := range text {
		if r == '\n' || visible(r) { // encoding/json escapes the line ends in strings
			s.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&s, `\u%04x`, unit)
		}
	}
	return s.String()
}

// escape replaces what is not visible, and returns the number of replacements. Tabs and line
// ends stay; CR LF becomes LF.
func escape(b []byte) (string, int) {
	var s strings.Builder
	replaced := 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == '\r' && len(b) > 1 && b[1] == '\n':
		case r == '\n', r == '\t', visible(r) && (r != utf8.RuneError || n > 1):
			s.Write(b[:n])
		case n == 1:
			fmt.Fprintf(&s, `\x%02x`, b[0])
			replaced++
		case r > 0xffff:
			fmt.Fprintf(&s, `\U%08x`, r)
			replaced++
		default:
			fmt.Fprintf(&s, `\u%04x`, r)
			replaced++
		}
		b = b[n:]
	}
	return s.String(), replaced
}

// stamp formats a time for people.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// moment is a word and a stamp, or nothing for an unknown time.
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

// span is a duration for people, rounded to its largest fitting unit.
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

// write writes a text, escaped, on standard output.
func (a *app) write(s string) error {
	s, _ = escape([]byte(s))
	if _, err := io.WriteString(a.out, s); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// oneLine makes one line of a text of others, which could look like several of ours.
func oneLine(s string) string {
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(s)
}

var plainWord = regexp.MustCompile(`^[a-zA-Z0-9/._+=:@-]+$`)

// quoted quotes a word for a shell.
func quoted(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// ttl is a flag's duration in seconds, minutes, hours, days and weeks, such as 1h30m or 3d.
type ttl time.Duration

var ttlUnits = map[string]time.Duration{
	"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
}

var (
	ttlPart = regexp.MustCompile(`([0-9]{1,6})([smhdw])`)
	ttlForm = regexp.MustCompile(`^([0-9]{1,6}[smhdw])+$`)
)

func (t *ttl) Set(s string) error {
	s = strings.ToLower(s)
	if len(s) > 32 || !ttlForm.MatchString(s) {
		return errors.New("want a duration such as 90m, 12h or 3d")
	}
	var sum time.Duration
	for _, part := range ttlPart.FindAllStringSubmatch(s, -1) {
		n, _ := strconv.Atoi(part[1]) // at most six digits
		sum += min(time.Duration(n), maxTTL/ttlUnits[part[2]]) * ttlUnits[part[2]]
	}
	*t = ttl(min(sum, maxTTL))
	return nil
}

// maxTTL is more than any server allows, and far from overflow.
const maxTTL = 20 * 365 * 24 * time.Hour

func (t *ttl) String() string {
	if *t == 0 {
		return ""
	}
	return duration(time.Duration(*t))
}

func (t *ttl) Type() string { return "duration" }

// duration formats d as ttl reads it.
func duration(d time.Duration) string {
	var s strings.Builder
	for _, unit := range []string{"d", "h", "m", "s"} {
		if n := d / ttlUnits[unit]; n > 0 {
			s.WriteString(strconv.Itoa(int(n)) + unit)
			d -= n * ttlUnits[unit]
		}
	}
	return cmp.Or(s.String(), "0s")
}
