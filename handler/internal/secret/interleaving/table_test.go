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
	var stands []string
	for line := range strings.Lines(table) {
		if strings.Contains(line, " × ") {
			stands = append(stands, strings.TrimSpace(line))
		}
	}
	var tested []string
	for _, p := range pairs {
		tested = append(tested, "| "+p.name+" | "+p.given+" | "+strings.Join(p.outcomes, " or ")+" |")
	}
	for _, line := range stands {
		if !slices.Contains(tested, line) {
			t.Errorf("stands, and is not tested: %s", line)
		}
	}
	for _, line := range tested {
		if !slices.Contains(stands, line) {
			t.Errorf("is tested, and does not stand: %s", line)
		}
	}
}

// TestEveryPairIsThere looks for each two of the things that can happen.
func TestEveryPairIsThere(t *testing.T) {
	kinds := []string{"read", "ack", "revoke", "purge", "hold", "expiry", "lapse", "duplicate"}
	for i, a := range kinds {
		for _, b := range kinds[i+1:] {
			if !slices.ContainsFunc(pairs, func(p pair) bool { return p.name == a+" × "+b }) {
				t.Errorf("%s × %s is missing", a, b)
			}
		}
	}
}
