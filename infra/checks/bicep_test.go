//go:build infra

package checks

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

var sizes = []string{"lean", "hardened"}

// The compiler knows every type and property, and the linter, with every rule an error, is silent.
func TestBicepHasNothingToSay(t *testing.T) {
	if out := complaints(t, ".."); out != "" {
		t.Error(out)
	}
}

// The formatter would change nothing.
func TestBicepIsFormatted(t *testing.T) {
	formatted := t.TempDir()
	if err := os.CopyFS(formatted, os.DirFS("..")); err != nil {
		t.Fatal(err)
	}
	if out, err := bicep(t, formatted, "format", "--pattern", everyFile); err != nil {
		t.Fatalf("format: %v\n%s", err, out)
	}
	for _, file := range modules(t, "..") {
		want, err := os.ReadFile(filepath.Join(formatted, file))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, kept) {
			t.Errorf("%s is not formatted: bicep format", file)
		}
	}
}

// The kept snapshots are what the compiler predicts, so that a change of them is reviewed.
func TestSnapshotsAreWhatWouldBeDeployed(t *testing.T) {
	for _, size := range sizes {
		if out, err := predict(t, "..", size, "validate"); err != nil {
			t.Errorf("%s: %v\n%s", size, err, out)
		}
	}
}

// complaints returns every word that compiling and linting a folder says.
func complaints(t *testing.T, folder string) string {
	t.Helper()
	out, err := bicep(t, folder, "lint", "--pattern", everyFile)
	if err != nil && out == "" {
		return err.Error()
	}
	return out
}
