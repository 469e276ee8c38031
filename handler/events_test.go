package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docs/operations.md lists exactly the events that the code publishes.
func TestTheDocsListEveryEvent(t *testing.T) {
	var code []string
	for _, dir := range []string{".", "internal/secret", "internal/quarantine"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`"secretsharer\.([a-z]+\.[a-z]+)"`).FindAllSubmatch(text, -1) {
				code = append(code, string(m[1]))
			}
			for _, m := range regexp.MustCompile(`\.publish\("([a-z]+)"`).FindAllSubmatch(text, -1) {
				code = append(code, "secret."+string(m[1]))
			}
		}
	}
	doc, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, m := range regexp.MustCompile("(?m)^\\| `secretsharer\\.([a-z]+\\.[a-z]+)` ").FindAllSubmatch(doc, -1) {
		named = append(named, string(m[1]))
	}
	slices.Sort(code)
	slices.Sort(named)
	if code = slices.Compact(code); !slices.Equal(code, named) || len(code) == 0 {
		t.Errorf("the code publishes %v, docs/operations.md has %v", code, named)
	}
}
