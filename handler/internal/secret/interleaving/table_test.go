package interleaving

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDesignListsThePairs compares the table of docs/design.md with the pairs that are run.
func TestDesignListsThePairs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "design.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| Pair | Given | What comes out |")
	table, _, _ = strings.Cut(table, "\n\n")
	var documented []string
	for line := range strings.Lines(table) {
		if strings.Contains(line, " × ") {
			documented = append(documented, strings.TrimSpace(line))
		}
	}
	var tested []string
	for _, p := range pairs {
		tested = append(tested, "| "+p.name+" | "+p.given+" | "+strings.Join(p.outcomes, " or ")+" |")
	}
	for _, line := range documented {
		if !slices.Contains(tested, line) {
			t.Errorf("documented and not tested: %s", line)
		}
	}
	for _, line := range tested {
		if !slices.Contains(documented, line) {
			t.Errorf("tested and not documented: %s", line)
		}
	}
}

// TestEveryPairIsThere checks that every two kinds of events are a pair.
func TestEveryPairIsThere(t *testing.T) {
	kinds := []string{"read", "ack", "revoke", "purge", "hold", "freeze", "expiry", "lapse", "duplicate"}
	for i, a := range kinds {
		for _, b := range kinds[i+1:] {
			if !slices.ContainsFunc(pairs, func(p pair) bool { return p.name == a+" × "+b }) {
				t.Errorf("%s × %s is missing", a, b)
			}
		}
	}
}
