// Package policy tests the Azure policies of this folder: definitions/ has our own definitions, which
// infra/modules/govern/policy.bicep adds to an initiative beside built-in ones, and testdata/ has resources
// that comply and resources that do not.
package policy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A definition has the members of a file in definitions/ that the tests read.
type definition struct {
	Name       string
	Properties struct {
		DisplayName, Description, Mode string
		Metadata                       struct{ Category, Version string }
		Parameters                     map[string]any
	}
}

func definitions(t *testing.T) map[string]definition {
	t.Helper()
	files, err := filepath.Glob("definitions/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions: %v", err)
	}
	all := map[string]definition{}
	for _, file := range files {
		var d definition
		if err := json.Unmarshal(read(t, file), &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = d
	}
	return all
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func cases(t *testing.T, definition, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", definition, kind, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestEveryDefinitionIsDeployedDocumentedAndTested(t *testing.T) {
	module, page := string(read(t, "../modules/govern/policy.bicep")), string(read(t, "README.md"))
	all := definitions(t)
	for name, d := range all {
		p := d.Properties
		if d.Name != name || p.DisplayName == "" || p.Description == "" || p.Metadata.Category == "" || p.Metadata.Version == "" {
			t.Errorf("%s lacks a name, description, category or version", name)
		}
		if p.Mode != "All" && p.Mode != "Indexed" {
			t.Errorf("%s has the mode %q", name, p.Mode)
		}
		if !strings.Contains(module, "definitions/"+name+".json'") {
			t.Errorf("policy.bicep does not deploy %s", name)
		}
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("README.md does not list %s", name)
		}
		for _, kind := range []string{"compliant", "faulty"} {
			if len(cases(t, name, kind)) == 0 {
				t.Errorf("%s has no %s resource in testdata", name, kind)
			}
		}
	}
	folders, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if _, ok := all[folder.Name()]; !ok {
			t.Errorf("testdata/%s belongs to no definition", folder.Name())
		}
	}
}

// README.md lists every built-in definition of the initiative with its id.
func TestBuiltInDefinitionsAreDocumented(t *testing.T) {
	page := string(read(t, "README.md"))
	found := regexp.MustCompile(`name: '([a-z-]+)',?\s+id: '([0-9a-f-]{36})'`).FindAllStringSubmatch(string(read(t, "../modules/govern/policy.bicep")), -1)
	if len(found) < 10 {
		t.Fatalf("found only %d built-in definitions", len(found))
	}
	for _, m := range found {
		if !strings.Contains(page, "| `"+m[1]+"` | `"+m[2]+"` |") {
			t.Errorf("README.md does not list %s, %s", m[1], m[2])
		}
	}
}
