package main

import (
	"strings"
	"testing"
	"time"
)

func TestEscapedTextCannotControlATerminal(t *testing.T) {
	cases := []struct {
		in, want string
		replaced int
	}{
		{"plain, ümläut, 日本語, 💻\n\tend", "plain, ümläut, 日本語, 💻\n\tend", 0},
		{"👩\u200d💻 a\u200bb\u2060\ufeff\ufe0f\u3164", `👩\u200d💻 a\u200bb\u2060\ufeff\ufe0f\u3164`, 6},
		{"\U000e0041\U000f0000", `\U000e0041\U000f0000`, 2},
		{"dos\r\nlines\r\n", "dos\nlines\n", 0},
		{"over\rwrite", `over\x0dwrite`, 1},
		{"\x1b]0;title\x07\x1b[2J", `\x1b]0;title\x07\x1b[2J`, 3},
		{"a\x00b\x7fc\x08", `a\x00b\x7fc\x08`, 3},
		{"\u009b2J", `\u009b2J`, 1},
		{"abc\u202egpj.exe\u2066", `abc\u202egpj.exe\u2066`, 2},
		{"\xff\xfe\xc3", `\xff\xfe\xc3`, 3},
		{"\ufffd", "\ufffd", 0},
		{"line\u2028two", `line\u2028two`, 1},
		{"", "", 0},
	}
	for _, at := range cases {
		if got, n := escape([]byte(at.in)); got != at.want || n != at.replaced {
			t.Errorf("%q gave %q, %d, want %q, %d", at.in, got, n, at.want, at.replaced)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add([]byte("text\x1b[31m\r\n\u202e\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, n := escape(b)
		for _, r := range s {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || strings.ContainsRune("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", r) {
				t.Fatalf("%q gave %q, which has %q", b, s, r)
			}
		}
		if again, m := escape([]byte(s)); again != s || m != 0 || n > len(b) {
			t.Fatalf("%q gave %q, which gave %q", b, s, again)
		}
	})
}

func TestTTLParses(t *testing.T) {
	cases := map[string]time.Duration{
		"90m": 90 * time.Minute, "3d": 72 * time.Hour, "1h30m": 90 * time.Minute, "2w": 14 * 24 * time.Hour, "45S": 45 * time.Second,
		"999999d": maxTTL, "999999w999999w": maxTTL, "": -1, "3": -1, "d": -1, "-3d": -1, "1.5h": -1, "3 d": -1, "1y": -1, "9999999d": -1,
	}
	for s, want := range cases {
		var got ttl
		err := got.Set(s)
		if want < 0 && err == nil || want >= 0 && (err != nil || time.Duration(got) != want) {
			t.Errorf("%q gave %s, %v, want %s", s, got.String(), err, want)
		}
		var again ttl
		if want > 0 && (again.Set(got.String()) != nil || again != got) {
			t.Errorf("%s does not parse as the same duration", got.String())
		}
	}
}

func TestSpanNamesTheLargestFittingUnit(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Minute: "1 minute", 90 * time.Minute: "90 minutes", 2 * time.Hour: "2 hours", 24 * time.Hour: "24 hours", 72 * time.Hour: "3 days",
	} {
		if got := span(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
