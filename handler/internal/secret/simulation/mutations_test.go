//go:build mutations

package simulation

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryRuleIsNeeded removes each rule from the source in turn. The search must
// then find a schedule that breaks a promise.
func TestEveryRuleIsNeeded(t *testing.T) {
	src := readSource(t)
	found := 0
	for _, r := range rules {
		t.Run(strings.ReplaceAll(r.name, " ", "-"), func(t *testing.T) {
			file, edited, err := src.without(r)
			if err != nil {
				t.Fatal(err)
			}
			out, err := search(t, file, edited)
			if err == nil {
				t.Fatal("the search finds nothing without this rule")
			}
			if !strings.Contains(out, "in the schedule") {
				t.Fatalf("the search did not run: %s", out)
			}
			_, failure, _ := strings.Cut(out, "simulation_test.go:")
			first, _, _ := strings.Cut(failure, "\n")
			t.Logf("without it: %s", first)
			found++
		})
	}
	t.Logf("%d of %d rules are needed", found, len(rules))
}

// search runs the simulation on the package with one file replaced.
func search(t *testing.T, file string, text []byte) (out string, err error) {
	t.Helper()
	original, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(edited, text, 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: edited}})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	test := exec.CommandContext(t.Context(), "go", "test", "-overlay", list, "-vet=off", "-failfast", "-count=1", // #nosec G204 -- fixed
		"-run", "TestEveryScheduleKeepsThePromises", ".", "-schedules", fmt.Sprint(150_000))
	output, err := test.CombinedOutput()
	return string(output), err
}
