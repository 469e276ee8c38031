//go:build infra

package policy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A resource is what the tests look at of a predicted one.
type resource struct {
	ID, Type   string
	Properties struct {
		PolicyDefinitionID string
		Parameters         map[string]struct{ Value any }
		PolicyDefinitions  []struct {
			PolicyDefinitionReferenceID, PolicyDefinitionID string
			Parameters                                      map[string]struct{ Value any }
		}
	}
}

// An assigned definition is one that a deployment puts on its resources, with its parameters.
type assigned struct {
	name, file string
	parameters map[string]any
}

// assignments follows each predicted assignment through its initiative to the definitions,
// the way Azure does, and writes those to files.
func assignments(t *testing.T, snapshot string) []assigned {
	t.Helper()
	text, err := os.ReadFile(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	var raw struct {
		Predicted []json.RawMessage `json:"predictedResources"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	byID, files := map[string]resource{}, map[string]string{}
	folder := t.TempDir()
	for _, one := range raw.Predicted {
		var kind struct{ ID, Type string }
		if err := json.Unmarshal(one, &kind); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(kind.Type, "Microsoft.Authorization/policy") {
			continue
		}
		byID[kind.ID] = policyOf(t, one, kind.Type)
		if kind.Type == "Microsoft.Authorization/policyDefinitions" {
			files[kind.ID] = filepath.Join(folder, filepath.Base(kind.ID)+".json")
			if err := os.WriteFile(files[kind.ID], one, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return follow(t, byID, files)
}

// policyOf decodes an assignment or an initiative; of a definition only its id is of interest.
func policyOf(t *testing.T, text []byte, kind string) resource {
	t.Helper()
	r := resource{Type: kind}
	if kind == "Microsoft.Authorization/policyDefinitions" {
		return r
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func follow(t *testing.T, byID map[string]resource, files map[string]string) []assigned {
	t.Helper()
	var all []assigned
	for _, r := range byID {
		if r.Type != "Microsoft.Authorization/policyAssignments" {
			continue
		}
		given := map[string]any{}
		for name, p := range r.Properties.Parameters {
			given[name] = p.Value
		}
		target := r.Properties.PolicyDefinitionID
		if file, ok := files[target]; ok {
			all = append(all, assigned{filepath.Base(target), file, given})
		}
		for _, member := range byID[target].Properties.PolicyDefinitions {
			parameters := map[string]any{}
			for name, p := range member.Parameters {
				parameters[name] = resolve(t, p.Value, given)
			}
			all = append(all, assigned{member.PolicyDefinitionReferenceID, files[member.PolicyDefinitionID], parameters})
		}
	}
	return all
}

// resolve replaces a reference to a parameter of the initiative by what the assignment gives it.
func resolve(t *testing.T, value any, given map[string]any) any {
	t.Helper()
	text, _ := value.(string)
	name, ok := strings.CutPrefix(text, "[parameters('")
	if !ok {
		return value
	}
	resolved, ok := given[strings.TrimSuffix(name, "')]")]
	if !ok {
		t.Errorf("the assignment gives no %s", text)
	}
	return resolved
}

// What hardened deploys complies with all that it assigns to itself.
func TestHardenedComplies(t *testing.T) {
	all := assignments(t, "../hardened.snapshot.json")
	if len(all) != len(definitions(t)) {
		t.Errorf("%d definitions are assigned, %d are defined", len(all), len(definitions(t)))
	}
	for _, a := range all {
		for _, found := range evaluate(t, a.file, "../hardened.snapshot.json", a.parameters) {
			t.Errorf("%s: %s on %s", a.name, found.Effect, found.Resource)
		}
	}
}

// What lean leaves open is said and never refused: it is its network, and nothing else.
func TestLeanIsToldOfItsNetwork(t *testing.T) {
	told := 0
	for _, a := range assignments(t, "../lean.snapshot.json") {
		network := a.name == "public-network-off" || strings.HasPrefix(a.name, "private-endpoint-")
		for _, f := range evaluate(t, a.file, "../lean.snapshot.json", a.parameters) {
			told++
			if !network || !strings.HasPrefix(f.Effect, "Audit") {
				t.Errorf("%s: %s on %s", a.name, f.Effect, f.Resource)
			}
		}
	}
	if told == 0 {
		t.Error("lean is told of nothing")
	}
}
