package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const complianceFolder = "../../docs/compliance"

// The number of controls of each page: none is left out.
var compliance = map[string]int{"cis-azure-6.0.md": 127, "defender-secure-score.md": 48}

// Every control has an answer, and every file and line that an answer names is there and says so.
// When lines have moved: go test ./infra/checks -run Compliance -update, and review.
func TestCompliancePagesPointToWhatThereIs(t *testing.T) {
	for name, want := range compliance {
		path := filepath.Join(complianceFolder, name)
		page := source(t, path)
		if *update {
			page = renumber(page, complianceFolder)
			if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		rows, findings := controls(page, complianceFolder)
		for _, finding := range findings {
			t.Errorf("%s: %s", name, finding)
		}
		if len(rows) != want {
			t.Errorf("%s answers for %d controls, want %d", name, len(rows), want)
		}
		if sum := sumOf(rows); !strings.Contains(page, sum) {
			t.Errorf("%s does not say %q", name, sum)
		}
	}
}

func sumOf(rows [][]string) string {
	states := map[string]int{}
	for _, row := range rows {
		states[row[3]]++
	}
	return fmt.Sprintf("In all: %d met, %d hardened, %d not applicable, %d open.", states["met"], states["hardened"], states["not applicable"], states["open"])
}

// The checks above see what they are for.
func TestComplianceChecksSeeFaults(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.bicep"), []byte("one: 1\ntwo: 2\ntwo: 2, again\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ row, want string }{
		{"| 1.1 | T | met | [a.bicep:1](a.bicep#L1) `one: 1` |", ""},
		{"| 1.1 | T | met | [a.bicep:2](a.bicep#L2) `one: 1` |", "on line 1, not 2"},
		{"| 1.1 | T | met | [a.bicep:1](a.bicep#L2) `one: 1` |", "is called"},
		{"| 1.1 | T | met | [b.bicep:1](a.bicep#L1) `one: 1` |", "is called"},
		{"| 1.1 | T | met | [a.bicep:2](a.bicep#L2) `two: 2` |", "on 2 lines"},
		{"| 1.1 | T | met | [b.bicep:1](b.bicep#L1) `one: 1` |", "on 0 lines"},
		{"| 1.1 | T | met | by itself, one would hope |", "met by nothing"},
		{"| 1.1 | T | open | - |", "no reason"},
		{"| 1.1 | T | open | somebody has to, see [the docs](a.bicep) |", "no file, line and text"},
		{"| 1.1 | T | open | nobody did it |\n| 1.1 | T | open | nobody did it |", "stands twice"},
	} {
		_, findings := controls(c.row, folder)
		if got := strings.Join(findings, "; "); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", c.row, got, c.want)
		}
	}
	moved := "| 1.1 | T | met | [a.bicep:3](a.bicep#L3) `one: 1` |"
	if _, findings := controls(renumber(moved, folder), folder); len(findings) > 0 {
		t.Errorf("renumbered: %v", findings)
	}
}
