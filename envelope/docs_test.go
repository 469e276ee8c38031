package envelope

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

const (
	docsPath    = "../docs/envelope.md"
	programPath = "testdata/interop.py"
)

func TestDocsShowTheTestedProgram(t *testing.T) {
	docs, program := readText(t, docsPath), readText(t, programPath)
	if !strings.Contains(docs, "\n```python\n"+program+"```\n") {
		t.Errorf("the program in %s is not %s", docsPath, programPath)
	}
}

func TestDocsShowTheExampleOfTheVectors(t *testing.T) {
	docs, shown := readText(t, docsPath), 0
	for _, v := range loadVectors(t).Keys {
		if v.Name != "passphrase" {
			continue
		}
		link := Link{Origin: vectorOrigin, Key: [32]byte(v.Key), Slot: v.Slot}.String()
		for name, value := range map[string]string{
			"`K`": hex.EncodeToString(v.Key), "link": link, "`id`": hex.EncodeToString(v.ID), "the same, as text": v.IDText,
			"`access`": hex.EncodeToString(v.Access), "passphrase": v.Passphrase,
			"`claim`": hex.EncodeToString(v.Claim), "`enc`": hex.EncodeToString(v.Enc),
		} {
			shown++
			if !strings.Contains(docs, "| "+name+" | `"+value+"` |\n") {
				t.Errorf("%s does not show %s as %s", docsPath, name, value)
			}
		}
	}
	if shown == 0 {
		t.Error("the vectors have no example")
	}
}

// TestDocsNameEveryError finds each error of the vectors in the tables.
func TestDocsNameEveryError(t *testing.T) {
	docs, file := readText(t, docsPath), loadVectors(t)
	seen := map[string]bool{}
	for _, v := range file.Links {
		seen[v.Error] = true
	}
	for _, v := range file.Keys {
		seen[v.Error] = true
	}
	for _, v := range file.Headers {
		seen[v.Error] = true
	}
	for _, v := range file.Envelopes {
		seen[v.Error] = true
	}
	for _, v := range file.Sizes {
		seen[v.Error] = true
	}
	delete(seen, "")
	for name := range seen {
		if !strings.Contains(docs, "`"+name+"`") {
			t.Errorf("%s does not name %s", docsPath, name)
		}
	}
	if len(seen) < 20 {
		t.Errorf("the vectors show only %d errors", len(seen))
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
