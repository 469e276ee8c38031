//go:build infra

package policy

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A finding is a resource on which a definition has an effect.
type finding struct{ Effect, Resource string }

// evaluate runs the evaluator on a file with a definition and a file with resources.
func evaluate(t *testing.T, definition, resources string, parameters map[string]any) []finding {
	t.Helper()
	program := os.Getenv("EVALUATE")
	if program == "" {
		t.Fatal("EVALUATE is not set: run make policy")
	}
	values, err := json.Marshal(parameters)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "aliases.json", definition, string(values), resources)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("evaluate %s on %s: %v\n%.2000s", definition, resources, err, stderr.Bytes())
	}
	var found []finding
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var f finding
		if err := decoder.Decode(&f); err != nil {
			t.Fatal(err)
		}
		found = append(found, f)
	}
	return found
}

// strict are the parameters with the strongest effects.
var strict = map[string]any{
	"effect":       "Deny",
	"deployEffect": "DeployIfNotExists",
	"workspaceId":  "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log",
}

func TestDefinitionsFindFaultyResourcesOnly(t *testing.T) {
	off := maps.Clone(strict)
	off["effect"], off["deployEffect"] = "Disabled", "Disabled"
	for name, d := range definitions(t) {
		file, want := filepath.Join("definitions", name+".json"), strict["effect"]
		if _, deploys := d.Properties.Parameters["deployEffect"]; deploys {
			want = strict["deployEffect"]
		}
		for _, resources := range cases(t, name, "compliant") {
			if found := evaluate(t, file, resources, strict); len(found) > 0 {
				t.Errorf("%s: %v", resources, found)
			}
		}
		for i, resources := range cases(t, name, "faulty") {
			if found := evaluate(t, file, resources, strict); len(found) != 1 || found[0].Effect != want {
				t.Errorf("%s: %v, want one %s", resources, found, want)
			}
			if i == 0 && len(evaluate(t, file, resources, off)) > 0 {
				t.Errorf("%s has an effect while disabled", name)
			}
		}
	}
}

// Both sizes comply with our definitions, with the parameters of their own assignments.
func TestBothSizesComply(t *testing.T) {
	for _, snapshot := range []string{"../lean.snapshot.json", "../hardened.snapshot.json"} {
		all := assignments(t, snapshot)
		if len(all) != len(definitions(t)) {
			t.Errorf("%s: %d definitions are assigned, %d exist", snapshot, len(all), len(definitions(t)))
		}
		for name, parameters := range all {
			for _, f := range evaluate(t, filepath.Join("definitions", name+".json"), snapshot, parameters) {
				t.Errorf("%s: %s has the effect %s on %s", snapshot, name, f.Effect, f.Resource)
			}
		}
	}
}

// assignments returns our definitions that a snapshot assigns, directly or by the initiative, with the
// values of their parameters. Built-in definitions are not here and are left out.
func assignments(t *testing.T, snapshot string) map[string]map[string]any {
	t.Helper()
	type values map[string]struct{ Value any }
	type resource struct {
		ID, Type   string
		Properties struct {
			PolicyDefinitionID string
			Parameters         json.RawMessage
			PolicyDefinitions  []struct {
				PolicyDefinitionID string
				Parameters         values
			}
		}
	}
	var deployed struct{ PredictedResources []resource }
	if err := json.Unmarshal(read(t, snapshot), &deployed); err != nil {
		t.Fatal(err)
	}
	byID, all := map[string]resource{}, map[string]map[string]any{}
	for _, r := range deployed.PredictedResources {
		byID[r.ID] = r
	}
	for _, r := range deployed.PredictedResources {
		if r.Type != "Microsoft.Authorization/policyAssignments" {
			continue
		}
		var given values
		if err := json.Unmarshal(r.Properties.Parameters, &given); err != nil {
			t.Fatal(err)
		}
		parameters := map[string]any{}
		for name, p := range given {
			parameters[name] = p.Value
		}
		if name, ours := ourName(r.Properties.PolicyDefinitionID); ours {
			all[name] = parameters
		}
		for _, member := range byID[r.Properties.PolicyDefinitionID].Properties.PolicyDefinitions {
			if name, ours := ourName(member.PolicyDefinitionID); ours {
				all[name] = map[string]any{}
				for parameter, p := range member.Parameters {
					reference, _ := p.Value.(string)
					all[name][parameter] = parameters[strings.TrimSuffix(strings.TrimPrefix(reference, "[parameters('"), "')]")]
				}
			}
		}
	}
	return all
}

// ourName returns the name of the definition with an id, and whether it is ours.
func ourName(id string) (string, bool) {
	return strings.CutPrefix(id[strings.LastIndex(id, "/")+1:], "secret-sharer-")
}
