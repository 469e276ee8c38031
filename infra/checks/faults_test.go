//go:build infra

package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// A fault is one thing that somebody could break in the Bicep: the first match of a pattern in a
// file is replaced.
type fault struct{ name, file, pattern, replacement string }

// Every fault is caught, and the table says by what.
func TestPlantedFaultsAreCaught(t *testing.T) {
	if out := complaints(t, ".."); out != "" {
		t.Fatalf("the Bicep is faulty before anything is planted: %s", out)
	}
	table := &strings.Builder{}
	w := tabwriter.NewWriter(table, 0, 0, 2, ' ', 0)
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			caught := catch(t, plant(t, f))
			if caught == "" {
				t.Error("no check fails")
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\n", f.name, caught)
		})
	}
	_ = w.Flush()
	t.Logf("%d faults:\n%s", len(faults()), table)
}

// plant copies the Bicep and breaks the copy.
func plant(t *testing.T, f fault) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("..")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, f.file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(f.pattern).FindIndex(text)
	if place == nil {
		t.Fatalf("%s holds no %s", f.file, f.pattern)
	}
	broken := string(text[:place[0]]) + f.replacement + string(text[place[1]:])
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// catch names the first check that fails for a folder, "" where none does: the compiler and its
// linter, then our own rules, then the scanners, which take longest, and at last the kept snapshot,
// which nothing passes but which says the least.
func catch(t *testing.T, folder string) string {
	t.Helper()
	if out := complaints(t, folder); out != "" {
		return "compiler: " + firstLine(out)
	}
	kept := map[string]Deployment{}
	for _, size := range sizes {
		kept[size] = load(t, folder, size)
		if out, err := predict(t, folder, size, "overwrite"); err != nil {
			return "prediction: " + firstLine(out)
		}
		if found := review(t, folder, size); len(found) > 0 {
			return size + ": " + firstLine(found[0])
		}
	}
	for _, r := range append(kics(t, folder), checkov(t, folder)...) {
		if !isSuppressed(t, folder, r) {
			return "scanner: " + r.check + " " + r.text
		}
	}
	for _, size := range sizes {
		if !reflect.DeepEqual(kept[size], load(t, folder, size)) {
			return size + ": the kept snapshot is another one"
		}
	}
	return ""
}

// firstLine returns what a line of the compiler or of a finding says, without the path before it.
func firstLine(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.Contains(line, "BCP104") // says only that a module has errors
	})
	line := strings.Join(lines[:min(1, len(lines))], "")
	if _, said, ok := strings.Cut(line, " : "); ok {
		line = said
	}
	if len(line) > 110 {
		line = line[:110] + "..."
	}
	return line
}
