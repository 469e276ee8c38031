package web

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write src/format/assigned.ts")

// TestAssignedCodePoints checks the page's table of assigned code points, which must be
// the same for all programs that seal and open secrets with a passphrase.
func TestAssignedCodePoints(t *testing.T) {
	const file = "src/format/assigned.ts"
	table, err := os.ReadFile("../envelope/assigned.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`/**
 * The code points that Unicode 15.0 assigns: the lengths of the ranges that are assigned, unassigned,
 * assigned and so on from 0, in base 36. Written by go test ./web -run TestAssignedCodePoints -update.
 */
export const assigned =
  %q;
`, strings.TrimSpace(string(table)))
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
