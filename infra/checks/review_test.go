package checks

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/access.md anew")

const accessPage = "../../docs/access.md"

// What both sizes would deploy is what a reviewer wants, and what docs/access.md tells.
func TestDeploymentsHoldUpToReview(t *testing.T) {
	for _, size := range []string{"lean", "hardened"} {
		if *update {
			rewrite(t, size)
		}
		for _, finding := range review(t, "..", size) {
			t.Errorf("%s: %s", size, finding)
		}
	}
}

// A rule that finds nothing where there is nothing to look at would pass for ever.
func TestEveryRuleIsAskedOfSomething(t *testing.T) {
	d := load(t, "..", "hardened")
	for _, demand := range slices.Concat(demands, switches, zoned) {
		if len(d.Of(demand.kind)) == 0 {
			t.Errorf("no %s is deployed, so nothing is asked about %s", demand.kind, demand.path)
		}
	}
	for kind := range kinds {
		if len(d.Of(kind)) == 0 && len(load(t, "..", "lean").Of(kind)) == 0 {
			t.Errorf("no %s is deployed", kind)
		}
	}
}

// review returns what is wrong with the snapshot of a size.
func review(t *testing.T, folder, size string) []string {
	t.Helper()
	d := load(t, folder, size)
	findings := d.Findings()
	if size == "hardened" {
		findings = append(findings, d.Zonal()...)
	}
	for _, exposed := range d.Exposed() {
		if reasons[size][exposed] == "" {
			findings = append(findings, "exposure: the internet reaches "+exposed+", and no reason is given")
		}
	}
	kept := tables(t)
	if want := grantTable(d); kept[size+" grants"] != want {
		findings = append(findings, fmt.Sprintf("access: docs/access.md does not say who may do what: go test ./infra/checks -update, and review\n%s", difference(kept[size+" grants"], want)))
	}
	if want := exposureTable(d, size); kept[size+" exposure"] != want {
		findings = append(findings, "exposure: docs/access.md does not say what is public: go test ./infra/checks -update, and review")
	}
	return findings
}

func load(t *testing.T, folder, size string) Deployment {
	t.Helper()
	d, err := Load(filepath.Join(folder, size+".snapshot.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Resources) == 0 {
		t.Fatalf("nothing is deployed in %s", size)
	}
	return d
}

func grantTable(d Deployment) string {
	rows := []string{"| who | may, by its role | on |", "|---|---|---|"}
	for _, grant := range d.Grants() {
		rows = append(rows, grant.String())
	}
	return strings.Join(rows, "\n")
}

func exposureTable(d Deployment, size string) string {
	rows := []string{"| what the internet reaches | why |", "|---|---|"}
	for _, exposed := range d.Exposed() {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", exposed, reasons[size][exposed]))
	}
	return strings.Join(rows, "\n")
}

// The tables stand between comments that name them.
var marked = regexp.MustCompile(`(?s)<!-- table: ([a-z ]+) -->\n\n(.*?)\n\n<!-- end -->`)

func tables(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(accessPage)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	for _, m := range marked.FindAllStringSubmatch(string(text), -1) {
		kept[m[1]] = m[2]
	}
	return kept
}

func rewrite(t *testing.T, size string) {
	t.Helper()
	text, err := os.ReadFile(accessPage)
	if err != nil {
		t.Fatal(err)
	}
	d := load(t, "..", size)
	fresh := map[string]string{size + " grants": grantTable(d), size + " exposure": exposureTable(d, size)}
	written := marked.ReplaceAllStringFunc(string(text), func(old string) string {
		name := marked.FindStringSubmatch(old)[1]
		if table, ok := fresh[name]; ok {
			return "<!-- table: " + name + " -->\n\n" + table + "\n\n<!-- end -->"
		}
		return old
	})
	if err := os.WriteFile(accessPage, []byte(written), 0o600); err != nil {
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
