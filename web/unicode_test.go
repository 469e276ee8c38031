package web

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var update = flag.Bool("update", false, "write src/format/assigned.ts")

// TestAssignedCodePoints checks the page's table of assigned code points, which must be
// the same for all programs that seal and open secrets with a passphrase.
func TestAssignedCodePoints(t *testing.T) {
	const file = "src/format/assigned.ts"
	want := assigned()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { // #nosec G306 -- source
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is not up to date (%v): go test ./web -run TestAssignedCodePoints -update", file, err)
	}
}

// assigned returns the module: the lengths of the ranges that are assigned, unassigned,
// assigned and so on, in base 36.
func assigned() string {
	var lengths []string
	start, is := rune(0), true
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Cn, r) == is {
			lengths = append(lengths, strconv.FormatInt(int64(r-start), 36))
			start, is = r, !is
		}
	}
	return fmt.Sprintf(`/**
 * The code points that Unicode %s assigns: the lengths of the ranges that are assigned, unassigned,
 * assigned and so on from 0, in base 36. Written by go test ./web -run TestAssignedCodePoints -update.
 */
export const assigned =
  %q;
`, unicode.Version, strings.Join(lengths, " "))
}
