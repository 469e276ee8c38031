//go:build infra

package checks

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A remark is what a scanner said of a file: which of its checks failed there.
type remark struct{ file, check, text string }

// The scanners find nothing that a suppression does not give the reason of, and no suppression
// outlives its reason. KICS reads the Bicep and the templates that it compiles to; Checkov the
// templates alone, since its own parser of Bicep knows too little.
func TestScannersFindNothing(t *testing.T) {
	remarks := append(kics(t, ".."), checkov(t, "..")...)
	for _, r := range remarks {
		if !isSuppressed(t, "..", r) {
			t.Errorf("%s: %s %s", r.file, r.check, r.text)
		}
	}
	for _, file := range modules(t, "..") {
		for _, check := range suppressed(t, "..", file) {
			if !slices.ContainsFunc(remarks, func(r remark) bool { return r.file == file && r.check == check }) {
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
			remarks = append(remarks, remark{sourceOf(t, sources, file.Name), query.ID, query.Name + ": " + file.Actual})
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
	compile(t, folder, templates)
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
		Summary struct{ Passed int }
	}
	decode(t, out, &result)
	if len(result.Results.Errors) > 0 || result.Summary.Passed == 0 {
		t.Errorf("Checkov passed %d checks, and could not read %v", result.Summary.Passed, result.Results.Errors)
	}
	var remarks []remark
	for _, c := range result.Results.Failed {
		remarks = append(remarks, remark{sourceOf(t, templates, filepath.Join(templates, c.File)), c.ID, c.Name + ": " + c.Resource})
	}
	return remarks
}

// A suppression stands beside the line that it is about, with its reason:
//
//	// scan:skip=CKV_AZURE_206 <reason>
var suppression = regexp.MustCompile(`(?m)// scan:skip=(\S+) (\S.{15,})$`)

func isSuppressed(t *testing.T, folder string, r remark) bool {
	t.Helper()
	return slices.Contains(suppressed(t, folder, r.file), r.check)
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
