package checks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const accessPage = "../../docs/access.md"

// What both sizes would deploy is what a reviewer wants, and what docs/access.md tells.
func TestDeploymentsHoldUpToReview(t *testing.T) {
	for _, size := range []string{"lean", "hardened"} {
		if *update {
			renew(t, accessPage, access(load(t, "..", size), size))
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
	findings := append(d.Findings(), settings(t, d)...)
	if size == "hardened" {
		findings = append(findings, d.Zonal()...)
	}
	for _, exposed := range d.Exposed() {
		if reasons[size][exposed] == "" {
			findings = append(findings, "exposure: the internet reaches "+exposed+", and no reason is given")
		}
	}
	for _, part := range stale(t, accessPage, access(d, size)) {
		findings = append(findings, "access: "+part)
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

// access returns the tables of docs/access.md about a size.
func access(d Deployment, size string) map[string]string {
	return map[string]string{size + " grants": grantTable(d), size + " exposure": exposureTable(d, size)}
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
