package checks

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const moduleLines = 120

// A module is read at one sitting.
func TestModulesAreShort(t *testing.T) {
	files, err := filepath.Glob("../modules/*.bicep")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d modules: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(text), "\n"); lines > moduleLines {
			t.Errorf("%s has %d lines", file, lines)
		}
	}
}

// A region that can be chosen has a nearest one for the page and for the private link.
func TestEveryRegionHasItsNearest(t *testing.T) {
	var chosen, known []string
	_, list, _ := strings.Cut(source(t, "../main.bicep"), "Flex Consumption.')\n@allowed([")
	list, _, _ = strings.Cut(list, "])")
	for _, m := range regexp.MustCompile(`'(\w+)'`).FindAllStringSubmatch(list, -1) {
		chosen = append(chosen, m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)^  (\w+): \{ page: '\w+', link: '\w+' \}$`).FindAllStringSubmatch(source(t, "../modules/regions.bicep"), -1) {
		known = append(known, m[1])
	}
	if len(chosen) == 0 || !slices.Equal(chosen, known) {
		t.Errorf("main.bicep offers %v, regions.bicep knows %v", chosen, known)
	}
}
