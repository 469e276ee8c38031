package policy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A definition is what the tests look at of a file in definitions/.
type definition struct {
	Name       string
	Properties struct {
		DisplayName, Description, Mode string
		Metadata                       struct{ Category, Version string }
		Parameters                     map[string]struct{ AllowedValues []string }
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
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d definition
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = d
	}
	return all
}

func cases(t *testing.T, definition, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", definition, kind, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Each definition says what it is for, is deployed, is documented, and is tried both ways.
func TestEveryDefinitionIsDescribedDeployedAndTried(t *testing.T) {
	module, err := os.ReadFile("../modules/govern/policy.bicep")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range definitions(t) {
		p := d.Properties
		if d.Name != name || p.DisplayName == "" || p.Description == "" || p.Metadata.Category == "" || p.Metadata.Version == "" {
			t.Errorf("%s: a name, a description, a category or a version is missing", name)
		}
		if p.Mode != "All" && p.Mode != "Indexed" {
			t.Errorf("%s: the mode is %q", name, p.Mode)
		}
		if !strings.Contains(string(module), "definitions/"+name+".json'") {
			t.Errorf("%s: infra/modules/govern/policy.bicep does not deploy it", name)
		}
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("%s: README.md does not list it", name)
		}
		for _, kind := range []string{"compliant", "faulty"} {
			if len(cases(t, name, kind)) == 0 {
				t.Errorf("%s: no %s resource in testdata", name, kind)
			}
		}
	}
}

// A folder that is named after no definition would be tried by nothing.
func TestTestdataBelongsToDefinitions(t *testing.T) {
	folders, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	all := definitions(t)
	for _, folder := range folders {
		if _, ok := all[folder.Name()]; !ok {
			t.Errorf("testdata/%s belongs to no definition", folder.Name())
		}
	}
}
