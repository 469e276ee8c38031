//go:build infra

package policy

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A finding is one resource on which a definition has an effect.
type finding struct{ Effect, Resource string }

// evaluate asks the evaluator what a file with a definition would do about a file with resources.
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

// strict are parameters under which each definition has the strongest effect that it can have.
var strict = map[string]any{
	"effect":           "Deny",
	"existsEffect":     "AuditIfNotExists",
	"deployEffect":     "DeployIfNotExists",
	"allowedLocations": []string{"westeurope"},
	"workspaceId":      "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log",
}

// Each faulty resource has the effect, and no compliant one has any.
func TestDefinitionsTellFaultyFromCompliant(t *testing.T) {
	for name, d := range definitions(t) {
		file := filepath.Join("definitions", name+".json")
		for _, resources := range cases(t, name, "compliant") {
			if found := evaluate(t, file, resources, strict); len(found) > 0 {
				t.Errorf("%s: %v", resources, found)
			}
		}
		for _, resources := range cases(t, name, "faulty") {
			found := evaluate(t, file, resources, strict)
			if len(found) != 1 || found[0].Effect != effectOf(d) {
				t.Errorf("%s: %v, want one %s", resources, found, effectOf(d))
			}
		}
	}
}

// effectOf returns the effect that strict asks of a definition.
func effectOf(d definition) string {
	for _, parameter := range slices.Sorted(maps.Keys(d.Properties.Parameters)) {
		if strings.HasSuffix(strings.ToLower(parameter), "effect") {
			effect, _ := strict[parameter].(string)
			return effect
		}
	}
	return ""
}

// A definition that is switched off has no effect, whatever it finds.
func TestDisabledDefinitionsHaveNoEffect(t *testing.T) {
	off := maps.Clone(strict)
	off["effect"], off["existsEffect"], off["deployEffect"] = "Disabled", "Disabled", "Disabled"
	for name := range definitions(t) {
		resources := cases(t, name, "faulty")[0]
		if found := evaluate(t, filepath.Join("definitions", name+".json"), resources, off); len(found) > 0 {
			t.Errorf("%s: %v", resources, found)
		}
	}
}
