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

var update = flag.Bool("update", false, "rewrite the generated tables and line numbers in the docs")

// tables are the generated tables of the docs: each between two comments, the first with its name.
var tables = regexp.MustCompile(`(?s)(<!-- table: ([a-z ]+) -->\n\n).*?(\n\n<!-- end -->)`)

// outdated returns the tables of a page that differ from those given, with the lines that differ.
func outdated(t *testing.T, page string, want map[string]string) []string {
	t.Helper()
	got := map[string]string{}
	for _, m := range tables.FindAllStringSubmatch(source(t, page), -1) {
		got[m[2]] = strings.TrimSuffix(strings.TrimPrefix(m[0], m[1]), m[3])
	}
	var findings []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			findings = append(findings, fmt.Sprintf("%s, %s: go test ./infra/checks -update, and review\n%s",
				filepath.Base(page), name, lineDiff(got[name], want[name])))
		}
	}
	return findings
}

// rewrite replaces tables of a page.
func rewrite(t *testing.T, page string, want map[string]string) {
	t.Helper()
	write(t, page, tables.ReplaceAllStringFunc(source(t, page), func(old string) string {
		m := tables.FindStringSubmatch(old)
		if table, ok := want[m[2]]; ok {
			return m[1] + table + m[3]
		}
		return old
	}))
}

// lineDiff returns the lines that only one of two texts has.
func lineDiff(was, is string) string {
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

const deployPage = "../../docs/deploy.md"

func TestDeployPageListsTheParameters(t *testing.T) {
	want := map[string]string{"parameters": parameterTable(t)}
	if *update {
		rewrite(t, deployPage, want)
	}
	for _, difference := range outdated(t, deployPage, want) {
		t.Error(difference)
	}
}

var (
	parameter = regexp.MustCompile(`(?m)^@description\('((?:[^'\\]|\\.)*)'\)\n((?:@.*\n|  '.*\n|\]\)\n)*)param (\w+) [^=\n]+(?: = (.*))?$`)
	bareURL   = regexp.MustCompile(`https://[\w.-]+\w`)
)

// parameterTable lists the parameters of main.bicep with their descriptions.
func parameterTable(t *testing.T) string {
	t.Helper()
	text := source(t, "../main.bicep")
	rows := []string{"| parameter | default | meaning |", "|---|---|---|"}
	for _, m := range parameter.FindAllStringSubmatch(text, -1) {
		fallback := "none"
		if m[4] != "" {
			fallback = "`" + m[4] + "`"
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", m[3], fallback, bareURL.ReplaceAllString(strings.ReplaceAll(m[1], `\'`, "'"), "`$0`")))
	}
	if all := strings.Count(text, "\nparam "); len(rows) != all+2 {
		t.Fatalf("understood %d of %d parameters", len(rows)-2, all)
	}
	return strings.Join(rows, "\n")
}

// The diagrams of docs/deploy.md are drawn by hand: every resource name in them is a predicted one.
func TestDiagramsNamePredictedResources(t *testing.T) {
	page, checked := source(t, deployPage), 0
	for _, size := range sizes {
		predicted := map[string]bool{}
		for _, r := range load(t, "..", size).Resources {
			for _, part := range strings.Split(r.Text("name"), "/") {
				predicted[part] = true
			}
		}
		_, section, _ := strings.Cut(page, "\n### "+strings.ToUpper(size[:1])+size[1:]+"\n")
		section, _, _ = strings.Cut(section, "\n##")
		for _, diagram := range regexp.MustCompile("(?s)```mermaid\n.*?```").FindAllString(section, -1) {
			// The second line of a label is the name of a resource.
			for _, m := range regexp.MustCompile(`<br/>([\w-]+)"`).FindAllStringSubmatch(diagram, -1) {
				checked++
				if !predicted[m[1]] {
					t.Errorf("%s: the diagram has %s, which is not deployed", size, m[1])
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("found only %d names of resources in the diagrams", checked)
	}
}

// Azure refuses types of providers that are not registered in the subscription.
func TestDeployPageRegistersEveryProvider(t *testing.T) {
	_, list, found := strings.Cut(source(t, deployPage), "for provider in ")
	list, _, _ = strings.Cut(list, "; do")
	registered := strings.Fields(strings.ReplaceAll(list, "\\\n", " "))
	if !found || len(registered) == 0 {
		t.Fatal("docs/deploy.md registers no provider")
	}
	// Resource Manager's own providers are always registered.
	registered = append(registered, "Authorization", "Resources")
	for _, r := range load(t, "..", "hardened").Resources {
		kinds := []string{r.Type()}
		for _, delegation := range r.List("properties.delegations") {
			kinds = append(kinds, delegation.Text("properties.serviceName"))
		}
		for _, kind := range kinds {
			name, _, _ := strings.Cut(strings.TrimPrefix(kind, "Microsoft."), "/")
			if !slices.Contains(registered, name) {
				t.Errorf("docs/deploy.md does not register Microsoft.%s, for %s", name, r)
			}
		}
	}
}

// Every region that can be chosen has a nearest region for the page and for Front Door's private link.
func TestEveryRegionHasANearest(t *testing.T) {
	var chosen, known []string
	_, list, _ := strings.Cut(source(t, "../main.bicep"), "@allowed([\n  'australiaeast'")
	list, _, _ = strings.Cut("  'australiaeast'"+list, "])")
	for _, m := range regexp.MustCompile(`'(\w+)'`).FindAllStringSubmatch(list, -1) {
		chosen = append(chosen, m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)^  (\w+): \{ page: '\w+', link: '\w+' \}$`).FindAllStringSubmatch(source(t, "../modules/govern/regions.bicep"), -1) {
		known = append(known, m[1])
	}
	if len(chosen) < 2 || !slices.Equal(chosen, known) {
		t.Errorf("main.bicep allows %v, regions.bicep has %v", chosen, known)
	}
}

// A reference to a line of a file, in a page of docs/compliance, has the text of that line:
//
//	[keyVault.bicep:30](../../infra/modules/data/keyVault.bicep#L30) `enablePurgeProtection: true`
var reference = regexp.MustCompile("\\[([^\\]`]+):(\\d+)\\]\\(([^)#]+)#L(\\d+)\\) `([^`]+)`")

// A control is a row with its id, title, state, and evidence or reason.
var control = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| (met|hardened|not applicable|open) \| (.+) \|$`)

// controls returns the controls of a page and what is wrong with them: a control that is met, in both sizes
// or in hardened, has a reference, every reference is right, and every other control has a reason.
func controls(page, folder string) (rows [][]string, findings []string) {
	seen := map[string]bool{}
	rows = control.FindAllStringSubmatch(page, -1)
	for _, row := range rows {
		id, state, evidence := row[1], row[3], row[4]
		references := reference.FindAllStringSubmatch(evidence, -1)
		switch {
		case seen[id]:
			findings = append(findings, id+" is duplicated")
		case (state == "met" || state == "hardened") && len(references) == 0:
			findings = append(findings, id+" is met without a reference")
		case len(references) == 0 && len(strings.Fields(evidence)) < 3:
			findings = append(findings, id+" has no reason")
		case strings.Count(evidence, "](") != len(references):
			findings = append(findings, id+" has a link without file, line and text")
		}
		seen[id] = true
		for _, r := range references {
			label, line, path, anchor, text := r[1], r[2], r[3], r[4], r[5]
			lines := linesWithText(folder, path, text)
			if label != filepath.Base(path) || line != anchor || !slices.Equal(lines, []string{line}) {
				findings = append(findings, fmt.Sprintf("%s: the reference to %s:%s is wrong: %q is on lines %v", id, path, line, text, lines))
			}
		}
	}
	return rows, findings
}

// linesWithText returns the numbers of the lines of a file that contain a text.
func linesWithText(folder, path, text string) (numbers []string) {
	content, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil
	}
	for i, line := range strings.Split(string(content), "\n") {
		if strings.Contains(line, text) {
			numbers = append(numbers, fmt.Sprint(i+1))
		}
	}
	return numbers
}

// renumber updates the line numbers of the references of a page.
func renumber(page, folder string) string {
	return reference.ReplaceAllStringFunc(page, func(old string) string {
		r := reference.FindStringSubmatch(old)
		if lines := linesWithText(folder, r[3], r[5]); len(lines) == 1 {
			return fmt.Sprintf("[%s:%s](%s#L%s) `%s`", r[1], lines[0], r[3], lines[0], r[5])
		}
		return old
	})
}

const complianceFolder = "../../docs/compliance"

// Every control has an answer, and every line that an answer refers to exists.
// After an edit of the Bicep: go test ./infra/checks -run Compliance -update, and review.
func TestComplianceReferencesExist(t *testing.T) {
	for name, want := range map[string]int{"cis-azure-6.0.md": 127, "defender-secure-score.md": 48} {
		path := filepath.Join(complianceFolder, name)
		page := source(t, path)
		if *update {
			page = renumber(page, complianceFolder)
			write(t, path, page)
		}
		rows, findings := controls(page, complianceFolder)
		for _, finding := range findings {
			t.Errorf("%s: %s", name, finding)
		}
		if len(rows) != want {
			t.Errorf("%s has %d controls, want %d", name, len(rows), want)
		}
		states := map[string]int{}
		for _, row := range rows {
			states[row[3]]++
		}
		if sum := fmt.Sprintf("In all: %d met, %d hardened, %d not applicable, %d open.",
			states["met"], states["hardened"], states["not applicable"], states["open"]); !strings.Contains(page, sum) {
			t.Errorf("%s does not contain %q", name, sum)
		}
	}
}

func TestComplianceFaultsAreFound(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "a.bicep"), "one: 1\ntwo: 2\ntwo: 2, again\n")
	for _, c := range []struct{ row, want string }{
		{"| 1.1 | T | met | [a.bicep:1](a.bicep#L1) `one: 1` |", ""},
		{"| 1.1 | T | met | [a.bicep:2](a.bicep#L2) `one: 1` |", "on lines [1]"},
		{"| 1.1 | T | met | [a.bicep:1](a.bicep#L2) `one: 1` |", "is wrong"},
		{"| 1.1 | T | met | [b.bicep:1](a.bicep#L1) `one: 1` |", "is wrong"},
		{"| 1.1 | T | met | [a.bicep:2](a.bicep#L2) `two: 2` |", "on lines [2 3]"},
		{"| 1.1 | T | met | [b.bicep:1](b.bicep#L1) `one: 1` |", "on lines []"},
		{"| 1.1 | T | met | by itself, one would hope |", "without a reference"},
		{"| 1.1 | T | open | - |", "no reason"},
		{"| 1.1 | T | open | somebody has to, see [the docs](a.bicep) |", "without file, line and text"},
		{"| 1.1 | T | open | nobody did it |\n| 1.1 | T | open | nobody did it |", "duplicated"},
	} {
		_, findings := controls(c.row, folder)
		if got := strings.Join(findings, "; "); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", c.row, got, c.want)
		}
	}
	moved := "| 1.1 | T | met | [a.bicep:3](a.bicep#L3) `one: 1` |"
	if _, findings := controls(renumber(moved, folder), folder); len(findings) > 0 {
		t.Errorf("after renumbering: %v", findings)
	}
}
