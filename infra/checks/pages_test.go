package checks

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write anew what pages hold of a deployment")

// Some parts of pages are made from what would be deployed. They stand between comments that name them.
var marked = regexp.MustCompile(`(?s)(<!-- (?:table|picture): ([a-z ]+) -->\n\n).*?(\n\n<!-- end -->)`)

// stale returns the parts of a page that are not as they would be made now, each with what differs.
func stale(t *testing.T, page string, fresh map[string]string) []string {
	t.Helper()
	kept := map[string]string{}
	for _, m := range marked.FindAllStringSubmatch(source(t, page), -1) {
		kept[m[2]] = strings.TrimSuffix(strings.TrimPrefix(m[0], m[1]), m[3])
	}
	var findings []string
	for _, part := range slices.Sorted(maps.Keys(fresh)) {
		if kept[part] != fresh[part] {
			findings = append(findings, fmt.Sprintf("%s, %s: go test ./infra/checks -update, and review\n%s", filepath.Base(page), part, difference(kept[part], fresh[part])))
		}
	}
	return findings
}

// renew writes parts of a page anew.
func renew(t *testing.T, page string, fresh map[string]string) {
	t.Helper()
	written := marked.ReplaceAllStringFunc(source(t, page), func(old string) string {
		m := marked.FindStringSubmatch(old)
		if part, ok := fresh[m[2]]; ok {
			return m[1] + part + m[3]
		}
		return old
	})
	if err := os.WriteFile(page, []byte(written), 0o600); err != nil {
		t.Fatal(err)
	}
}

// difference returns the lines that only one of two texts has.
func difference(was, is string) string {
	var lines []string
	before, after := strings.Split(was, "\n"), strings.Split(is, "\n")
	for _, line := range before {
		if !slices.Contains(after, line) {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return strings.Join(lines, "\n")
}
