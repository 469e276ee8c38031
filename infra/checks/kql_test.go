//go:build infra

package checks

import (
	"path/filepath"
	"testing"
)

// The queries answer what the cases say. The engine is not Azure's own, but one in Python that
// knows its language; it comes with Checkov, by requirements.txt.
func TestQueriesFindWhatTheyAreFor(t *testing.T) {
	python := filepath.Join(filepath.Dir(tool(t, "CHECKOV")), "python")
	const wrong = 1
	out, err := run(t, wrong, python, "kql.py", filepath.Join("..", "modules", "queries"), filepath.Join("testdata", "queries.json"))
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
