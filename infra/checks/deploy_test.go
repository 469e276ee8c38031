package checks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const deployPage = "../../docs/deploy.md"

// What docs/deploy.md draws and lists is what would be deployed.
func TestWalkthroughShowsWhatIsDeployed(t *testing.T) {
	lean, hardened := load(t, "..", "lean"), load(t, "..", "hardened")
	fresh := map[string]string{
		"hardened network": hardened.Network(),
		"hardened data":    hardened.DataFlow(),
		"lean network":     lean.Network(),
		"lean data":        lean.DataFlow(),
		"parameters":       parameterTable(t),
	}
	if *update {
		renew(t, deployPage, fresh)
	}
	for _, part := range stale(t, deployPage, fresh) {
		t.Error(part)
	}
}

// address is where a line of Markdown wants marks around it.
var address = regexp.MustCompile(`https://[\w.-]+\w`)

var parameter = regexp.MustCompile(`(?m)^@description\('((?:[^'\\]|\\.)*)'\)\n((?:@.*\n|  '.*\n|\]\)\n)*)param (\w+) [^=\n]+(?: = (.*))?$`)

// parameterTable lists the parameters of main.bicep with what they say of themselves.
func parameterTable(t *testing.T) string {
	t.Helper()
	text := source(t, "../main.bicep")
	rows := []string{"| parameter | default | meaning |", "|---|---|---|"}
	for _, m := range parameter.FindAllStringSubmatch(text, -1) {
		fallback := "none"
		if m[4] != "" {
			fallback = "`" + m[4] + "`"
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", m[3], fallback, address.ReplaceAllString(strings.ReplaceAll(m[1], `\'`, "'"), "`$0`")))
	}
	if all := strings.Count(text, "\nparam "); len(rows) != all+2 {
		t.Fatalf("%d of %d parameters were understood", len(rows)-2, all)
	}
	return strings.Join(rows, "\n")
}

// Azure knows the types of a provider only once it is registered in the subscription.
func TestWalkthroughRegistersEveryProvider(t *testing.T) {
	_, list, found := strings.Cut(source(t, deployPage), "for provider in ")
	list, _, _ = strings.Cut(list, "; do")
	registered := strings.Fields(strings.ReplaceAll(list, "\\\n", " "))
	if !found || len(registered) == 0 {
		t.Fatal("docs/deploy.md registers nothing")
	}
	// Resource Manager itself: registered everywhere.
	needed := []string{"Authorization", "Resources"}
	for _, r := range load(t, "..", "hardened").Resources {
		for _, kind := range append(delegated(r), r.Type()) {
			name, _, _ := strings.Cut(strings.TrimPrefix(kind, "Microsoft."), "/")
			if !slices.Contains(registered, name) && !slices.Contains(needed, name) {
				t.Errorf("docs/deploy.md does not register Microsoft.%s", name)
				needed = append(needed, name)
			}
		}
	}
}

func delegated(r Resource) []string {
	var kinds []string
	for _, delegation := range r.List("properties.delegations") {
		kinds = append(kinds, delegation.Text("properties.serviceName"))
	}
	return kinds
}
