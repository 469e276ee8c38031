//go:build infra

package checks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The compiler and its linter, with every rule an error, print nothing.
func TestBicepCompiles(t *testing.T) {
	if out, err := bicep(t, "..", "lint", "--pattern", everyFile); err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestBicepIsFormatted(t *testing.T) {
	formatted := t.TempDir()
	if err := os.CopyFS(formatted, os.DirFS("..")); err != nil {
		t.Fatal(err)
	}
	if out, err := bicep(t, formatted, "format", "--pattern", everyFile); err != nil {
		t.Fatalf("format: %v\n%s", err, out)
	}
	for _, file := range modules(t, "..") {
		if source(t, filepath.Join(formatted, file)) != source(t, filepath.Join("..", file)) {
			t.Errorf("%s is not formatted: bicep format", file)
		}
	}
}

// The snapshots in the tree are what the compiler predicts, so that a review sees every change of them.
func TestSnapshotsAreUpToDate(t *testing.T) {
	for _, size := range sizes {
		if out, err := predict(t, "..", size, "validate"); err != nil {
			t.Errorf("%s: %v\n%s", size, err, out)
		}
	}
}

// kql.py runs the queries of the alerts over the cases with a KQL engine in Python, which
// requirements.txt installs beside Checkov.
func TestQueriesReturnWhatTheCasesExpect(t *testing.T) {
	python := filepath.Join(filepath.Dir(tool(t, "CHECKOV")), "python")
	out, err := run(t, 1, python, "kql.py", filepath.Join("..", "modules", "watch", "queries"), filepath.Join("testdata", "queries.json"))
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

const everyFile = "./**/*.bicep"

// predict runs bicep snapshot for a size, in a fixed subscription and tenant so that the result is the same
// on every machine. Mode is overwrite or validate.
func predict(t *testing.T, folder, size, mode string) (string, error) {
	t.Helper()
	return bicep(t, folder, "snapshot", size+".bicepparam", "--mode", mode, "--location", "westeurope",
		"--subscription-id", "00000000-0000-0000-0000-000000000001", "--tenant-id", "00000000-0000-0000-0000-000000000002")
}

// bicep runs the compiler in a folder and returns its output.
func bicep(t *testing.T, folder string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool(t, "BICEP"), args...)
	cmd.Dir = folder
	// The compiler needs no libicu here, and not every machine has it.
	cmd.Env = append(os.Environ(), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1")
	// The parameters of a real deployment would replace the examples in the parameter files.
	cmd.Env = slices.DeleteFunc(cmd.Env, func(variable string) bool { return strings.HasPrefix(variable, "DEPLOY_") })
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// tool returns the value of an environment variable that names a program: BICEP, CHECKOV or TRIVY.
func tool(t *testing.T, name string) string {
	t.Helper()
	path := os.Getenv(name)
	if path == "" {
		t.Fatalf("%s is not set: run make infra", name)
	}
	return path
}

// run starts a program and returns its standard output. The exit code findings is not an error.
func run(t *testing.T, findings int, name string, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != findings {
		return out, fmt.Errorf("run %s: %w\n%s%s", filepath.Base(name), err, out, stderr.Bytes())
	}
	return out, nil
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("decode a report: %v\n%.300s", err, data)
	}
}

// modules returns the paths of the Bicep files below a folder, relative to it.
func modules(t *testing.T, folder string) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"*.bicep", "modules/*.bicep", "modules/*/*.bicep"} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, files...)
	}
	if len(found) == 0 {
		t.Fatalf("no Bicep in %s", folder)
	}
	for i, file := range found {
		found[i], _ = filepath.Rel(folder, file)
	}
	return found
}
