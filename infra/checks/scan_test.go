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

// A remark is what a scanner said: which of its checks failed, and in which of these files it can be mended.
type remark struct {
	files       []string
	check, text string
}

// The scanners find nothing that a suppression does not give the reason of, and no suppression
// outlives its reason. KICS reads the Bicep and the templates that it compiles to. Checkov reads what
// is predicted: it knows too little of Bicep, and skips templates with the language's newer features.
func TestScannersFindNothing(t *testing.T) {
	remarks := append(kics(t, ".."), checkov(t, "..")...)
	for _, r := range remarks {
		if !isSuppressed(t, "..", r) {
			t.Errorf("%v: %s %s", r.files, r.check, r.text)
		}
	}
	for _, file := range modules(t, "..") {
		for _, check := range suppressed(t, "..", file) {
			if !slices.ContainsFunc(remarks, func(r remark) bool { return slices.Contains(r.files, file) && r.check == check }) {
				t.Errorf("%s: nothing fails %s any longer", file, check)
			}
		}
	}
}

func kics(t *testing.T, folder string) []remark {
	t.Helper()
	assets, work := tool(t, "KICS_ASSETS"), t.TempDir()
	sources, report := filepath.Join(work, "infra"), filepath.Join(work, "report")
	compile(t, folder, sources)
	readable := 0
	for _, file := range modules(t, folder) {
		template, err := os.ReadFile(filepath.Join(sources, strings.TrimSuffix(file, ".bicep")+".json"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(sources, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
		readable++
		if !strings.Contains(string(template), `"resources": []`) {
			readable++ // a template without resources, of exported variables alone, is none to KICS
		}
	}
	// Standard output holds progress only; 126 and above are the engine's own errors.
	if _, err := run(t, 0, tool(t, "KICS"), "scan", "-p", sources, "-q", filepath.Join(assets, "queries", "azureResourceManager"),
		"-b", filepath.Join(assets, "libraries"), "-t", "AzureResourceManager", "--ci", "--ignore-on-exit", "results",
		"--exclude-severities", "info,low", "--report-formats", "json", "-o", report); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(report, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Parsed  int `json:"files_parsed"`
		Failed  int `json:"files_failed_to_scan"`
		Queries []struct {
			ID    string `json:"query_id"`
			Name  string `json:"query_name"`
			Files []struct {
				Name   string `json:"file_name"`
				Actual string `json:"actual_value"`
			}
		}
	}
	decode(t, text, &result)
	if result.Failed > 0 || result.Parsed < readable {
		t.Errorf("KICS read %d of %d files, and failed on %d", result.Parsed, readable, result.Failed)
	}
	var remarks []remark
	for _, query := range result.Queries {
		for _, file := range query.Files {
			remarks = append(remarks, remark{[]string{sourceOf(t, sources, file.Name)}, query.ID, query.Name + ": " + file.Actual})
		}
	}
	return remarks
}

// sourceOf returns the Bicep file that a report's file is or was made from; reports name files
// from where the scanner was started.
func sourceOf(t *testing.T, folder, name string) string {
	t.Helper()
	whole, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := filepath.Rel(folder, whole)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(file, filepath.Ext(file)) + ".bicep"
}

func checkov(t *testing.T, folder string) []remark {
	t.Helper()
	templates := t.TempDir()
	deployed := 0
	for _, size := range sizes {
		d := load(t, folder, size)
		deployed += len(d.Resources)
		flatten(t, d, filepath.Join(templates, size+".json"))
	}
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
	if len(result.Results.Errors) > 0 || result.Summary.Passed == 0 || result.Summary.Resources < deployed*9/10 { // it counts those of one name and type once
		t.Errorf("Checkov passed %d checks on %d of %d resources, and could not read %v",
			result.Summary.Passed, result.Summary.Resources, deployed, result.Results.Errors)
	}
	var remarks []remark
	for _, c := range result.Results.Failed {
		kind, _, _ := strings.Cut(strings.TrimPrefix(c.Resource, "Microsoft."), ".")
		remarks = append(remarks, remark{declaring(t, folder, "Microsoft."+kind), c.ID, c.File + ": " + c.Name + ": " + c.Resource})
	}
	return remarks
}

// flatten writes what is predicted as a template without modules or expressions.
func flatten(t *testing.T, d Deployment, path string) {
	t.Helper()
	resources := make([]Resource, len(d.Resources))
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
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// declaring returns the Bicep files that declare a resource of a type.
func declaring(t *testing.T, folder, kind string) []string {
	t.Helper()
	return slices.DeleteFunc(modules(t, folder), func(file string) bool {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		return !strings.Contains(string(text), "'"+kind+"@")
	})
}

// A suppression stands beside the line that it is about, with its reason:
//
//	// scan:skip=CKV_AZURE_206 <reason>
var suppression = regexp.MustCompile(`(?m)// scan:skip=(\S+) (\S.{15,})$`)

func isSuppressed(t *testing.T, folder string, r remark) bool {
	t.Helper()
	return slices.ContainsFunc(r.files, func(file string) bool { return slices.Contains(suppressed(t, folder, file), r.check) })
}

func suppressed(t *testing.T, folder, file string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil {
		t.Fatal(err)
	}
	var checks []string
	for _, m := range suppression.FindAllStringSubmatch(string(text), -1) {
		checks = append(checks, m[1])
	}
	return checks
}
