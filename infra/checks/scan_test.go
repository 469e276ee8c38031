//go:build infra

package checks

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A finding is one failed check of a scanner on a predicted resource. The scanner reports the type of the
// resource; files are the Bicep files that declare resources of that type.
type finding struct {
	files       []string
	check, text string
}

func TestCheckovFindsNothing(t *testing.T) {
	suppressedOnly(t, checkov(t, ".."), "CKV_")
}

// Trivy takes ten minutes to build, so it runs where TRIVY names a binary of it: in the weekly workflow.
func TestTrivyFindsNothing(t *testing.T) {
	if os.Getenv("TRIVY") == "" {
		t.Skip("TRIVY names no binary")
	}
	suppressedOnly(t, trivy(t, ".."), "AZU-")
}

// suppressedOnly fails for a finding that no comment in the Bicep suppresses, and for a comment that
// suppresses nothing any more. Prefix is that of the scanner's ids.
func suppressedOnly(t *testing.T, findings []finding, prefix string) {
	t.Helper()
	for _, f := range findings {
		if !isSuppressed(t, "..", f) {
			t.Errorf("%v: %s %s", f.files, f.check, f.text)
		}
	}
	for _, file := range modules(t, "..") {
		for _, check := range suppressions(t, "..", file) {
			if strings.HasPrefix(check, prefix) && !slices.ContainsFunc(findings, func(f finding) bool { return slices.Contains(f.files, file) && f.check == check }) {
				t.Errorf("%s: nothing fails %s any more", file, check)
			}
		}
	}
}

func checkov(t *testing.T, folder string) []finding {
	t.Helper()
	templates, deployed := predictedTemplates(t, folder)
	out, err := run(t, 1, tool(t, "CHECKOV"), "-d", templates, "--framework", "arm", "--compact", "--quiet", "--skip-download", "-o", "json")
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Results struct {
			Failed []struct {
				ID       string `json:"check_id"`
				Name     string `json:"check_name"`
				File     string `json:"file_path"`
				Resource string
			} `json:"failed_checks"`
			Errors []string `json:"parsing_errors"`
		}
		Summary struct {
			Passed    int
			Resources int `json:"resource_count"`
		}
	}
	decode(t, out, &result)
	// Resources of the same type and name are counted once.
	if len(result.Results.Errors) > 0 || result.Summary.Passed == 0 || result.Summary.Resources < deployed*9/10 {
		t.Errorf("Checkov passed %d checks on %d of %d resources, and could not read %v",
			result.Summary.Passed, result.Summary.Resources, deployed, result.Results.Errors)
	}
	var findings []finding
	for _, c := range result.Results.Failed {
		kind, _, _ := strings.Cut(strings.TrimPrefix(c.Resource, "Microsoft."), ".")
		findings = append(findings, finding{declaring(t, folder, "Microsoft."+kind), c.ID, c.File + ": " + c.Name + ": " + c.Resource})
	}
	return findings
}

func trivy(t *testing.T, folder string) []finding {
	t.Helper()
	templates, _ := predictedTemplates(t, folder)
	out, err := run(t, 0, tool(t, "TRIVY"), "config", "--severity", "MEDIUM,HIGH,CRITICAL", "--skip-check-update", "--format", "json", "--quiet", templates)
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Results []struct {
			Target  string
			Summary struct{ Successes int } `json:"MisconfSummary"`
			Failed  []struct {
				ID, Title string
				Cause     struct{ Resource, Provider, Service string } `json:"CauseMetadata"`
			} `json:"Misconfigurations"`
		}
	}
	decode(t, out, &result)
	passed := 0
	var findings []finding
	for _, r := range result.Results {
		passed += r.Summary.Successes
		for _, c := range r.Failed {
			findings = append(findings, finding{modules(t, folder), c.ID, r.Target + ": " + c.Title + ": " + c.Cause.Resource})
		}
	}
	// A template that Trivy does not understand has no result at all.
	if len(result.Results) < len(sizes) || passed == 0 {
		t.Errorf("Trivy read %d of %d templates and passed %d checks", len(result.Results), len(sizes), passed)
	}
	return findings
}

// predictedTemplates writes the predicted resources of both sizes as ARM templates without modules or
// expressions, which every scanner understands. It returns their folder and the number of resources.
func predictedTemplates(t *testing.T, folder string) (templates string, deployed int) {
	t.Helper()
	templates = t.TempDir()
	for _, size := range sizes {
		d := load(t, folder, size)
		resources := make([]resource, len(d.Resources))
		for i, r := range d.Resources {
			resources[i] = maps.Clone(r)
			delete(resources[i], "id")
		}
		text, err := json.Marshal(map[string]any{
			"$schema":        "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
			"contentVersion": "1.0.0.0", "resources": resources,
		})
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(templates, size+".json"), string(text))
		deployed += len(resources)
	}
	return templates, deployed
}

// declaring returns the Bicep files that declare a resource of a type.
func declaring(t *testing.T, folder, kind string) []string {
	t.Helper()
	return slices.DeleteFunc(modules(t, folder), func(file string) bool {
		return !strings.Contains(source(t, filepath.Join(folder, file)), "'"+kind+"@")
	})
}

// A suppression is a comment beside the line that it is about, with a reason:
//
//	// scan:skip=CKV_AZURE_206 <reason>
var suppression = regexp.MustCompile(`(?m)// scan:skip=(\S+) (\S.{15,})$`)

func isSuppressed(t *testing.T, folder string, f finding) bool {
	t.Helper()
	return slices.ContainsFunc(f.files, func(file string) bool { return slices.Contains(suppressions(t, folder, file), f.check) })
}

func suppressions(t *testing.T, folder, file string) []string {
	t.Helper()
	var checks []string
	for _, m := range suppression.FindAllStringSubmatch(source(t, filepath.Join(folder, file)), -1) {
		checks = append(checks, m[1])
	}
	return checks
}
