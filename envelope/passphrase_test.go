package envelope

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestAssignedCodePoints compares the table with package unicode, which must be of its version or a newer one.
func TestAssignedCodePoints(t *testing.T) {
	newer := unicode.Version != "15.0.0"
	if *update && !newer {
		if err := os.WriteFile("assigned.txt", []byte(lengths(unicode.Cn)+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if got, is := assigned(r), !unicode.Is(unicode.Cn, r); got != is && (got || !newer) {
			t.Fatalf("%U is assigned: %t, want %t", r, got, is)
		}
	}
	for _, r := range []rune{0x897, 0x2ebf0, 0x105d2} {
		if assigned(r) {
			t.Errorf("%U is newer than Unicode 15.0", r)
		}
	}
}

// lengths returns the lengths of the ranges that are outside of a table, within it, outside and so on, in base 36.
func lengths(table *unicode.RangeTable) string {
	var texts []string
	start, within := rune(0), false
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.Is(table, r) != within {
			texts = append(texts, strconv.FormatInt(int64(r-start), 36))
			start, within = r, !within
		}
	}
	return strings.Join(texts, " ")
}

// TestNormalizedPassphraseHasNoOtherCharacters repeats each character: package norm
// adds a character to a run that is too long for it.
func TestNormalizedPassphraseHasNoOtherCharacters(t *testing.T) {
	const joiner = '\u034f'
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || r == joiner {
			continue
		}
		normal, err := normalize("a" + strings.Repeat(string(r), 31))
		if err == nil && strings.ContainsRune(string(normal), joiner) {
			t.Fatalf("31 of %U become %+q", r, normal)
		}
	}
}
