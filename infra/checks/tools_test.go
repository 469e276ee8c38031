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

// tool returns what an environment variable names: BICEP, KICS, KICS_ASSETS, CHECKOV. Make sets them.
func tool(t *testing.T, name string) string {
	t.Helper()
	path := os.Getenv(name)
	if path == "" {
		t.Fatalf("%s is not set: run make infra", name)
	}
	return path
}

// bicep runs the compiler in a folder and returns all that it printed, and whether it went well.
func bicep(t *testing.T, folder string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool(t, "BICEP"), args...)
	cmd.Dir = folder
	// The compiler needs no libicu for what it does here, and not every machine has it.
	cmd.Env = append(os.Environ(), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1")
	// What somebody's own deployment is given would be predicted instead of the defaults.
	cmd.Env = slices.DeleteFunc(cmd.Env, func(variable string) bool { return strings.HasPrefix(variable, "DEPLOY_") })
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// predict writes the snapshot of a size, made in a fixed subscription and tenant so that it is
// the same on every machine. Mode is overwrite or validate.
func predict(t *testing.T, folder, size, mode string) (string, error) {
	t.Helper()
	return bicep(t, folder, "snapshot", size+".bicepparam", "--mode", mode, "--location", "westeurope",
		"--subscription-id", "00000000-0000-0000-0000-000000000001", "--tenant-id", "00000000-0000-0000-0000-000000000002")
}

// modules returns the Bicep files of a folder and its modules, by their paths inside it.
func modules(t *testing.T, folder string) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"*.bicep", "modules/*.bicep"} {
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

// compile turns every Bicep file of a folder into a template of the same path in another one.
func compile(t *testing.T, folder, into string) {
	t.Helper()
	if out, err := bicep(t, folder, "build", "--pattern", everyFile, "--outdir", into); err != nil {
		t.Fatalf("compile: %v\n%s", err, out)
	}
}

const everyFile = "./**/*.bicep"

// run starts a scanner and returns what it wrote to standard output; only an exit code
// that the scanner does not use for findings is an error.
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
