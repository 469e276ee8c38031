package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/secretsharer/secretsharer/"

// layers are the packages of the handler, from the top. A package may import only
// packages of the layers below its own.
var layers = [][]string{
	{"handler"},
	{"handler/internal/backup", "handler/internal/config", "handler/internal/site", "handler/internal/telemetry"},
	{"handler/internal/event", "handler/internal/host", "handler/internal/keycheck", "handler/internal/quarantine", "handler/internal/seal/keyring", "handler/internal/seal/vault", "handler/internal/store/bolt", "handler/internal/store/table", "web", "functions"},
	{"handler/internal/abuse", "handler/internal/seal", "handler/internal/store"},
	{"handler/internal/secret"},
	{"handler/internal/hold"},
	{"api", "envelope/header", "handler/internal/azure", "handler/internal/clock", "handler/internal/durable", "handler/internal/owned", "handler/internal/strictjson", "handler/internal/week"},
}

// sdkPackages are the only packages that import the Azure SDK.
var sdkPackages = []string{"handler/internal/azure", "handler/internal/event", "handler/internal/seal/vault", "handler/internal/store/table"}

// purePackages import nothing but the standard library and packages of ours.
var purePackages = []string{
	"api", "client", "envelope/header", "functions", "handler/internal/abuse", "handler/internal/clock", "handler/internal/durable", "handler/internal/hold", "handler/internal/owned",
	"handler/internal/secret", "handler/internal/site", "handler/internal/strictjson", "handler/internal/week", "web",
}

func TestImportsRunOneWay(t *testing.T) {
	layerOf := map[string]int{}
	for i, layer := range layers {
		for _, name := range layer {
			layerOf[name] = i
		}
	}
	for _, p := range dependencies(t, "./handler", "./cmd/sss") {
		_, layered := layerOf[p.name]
		if !layered && strings.HasPrefix(p.name, "handler") {
			t.Errorf("%s has no layer", p.name)
		}
		for _, path := range p.imports {
			ours, isOurs := strings.CutPrefix(path, module)
			switch {
			case isOurs && layered && layerOf[ours] <= layerOf[p.name]:
				t.Errorf("%s imports %s, which is not in a layer below", p.name, ours)
			case isOurs && !layered && strings.HasPrefix(ours, "handler"):
				t.Errorf("%s imports %s of the handler", p.name, ours)
			case strings.HasPrefix(path, "github.com/Azure/") && !slices.Contains(sdkPackages, p.name):
				t.Errorf("%s imports %s of the Azure SDK", p.name, path)
			case !isOurs && strings.Contains(path, ".") && slices.Contains(purePackages, p.name):
				t.Errorf("%s imports %s, which is not in the standard library", p.name, path)
			}
		}
	}
}

// The handler cannot open an envelope: it does not contain the code.
func TestHandlerContainsOnlyTheHeaderOfEnvelopes(t *testing.T) {
	var found []string
	for _, p := range dependencies(t, "./handler") {
		if strings.HasPrefix(p.name+"/", "envelope/") {
			found = append(found, p.name)
		}
	}
	if !slices.Equal(found, []string{"envelope/header"}) {
		t.Errorf("the handler depends on %v", found)
	}
}

// goPackage is a package of ours with its imports.
type goPackage struct {
	name    string // without the module's path
	imports []string
}

// dependencies returns the packages of ours that the programs consist of.
func dependencies(t *testing.T, programs ...string) (all []goPackage) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-json=ImportPath,Imports"}, programs...)...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			if len(all) == 0 {
				t.Fatal("go list names no package of ours")
			}
			return all
		case err != nil:
			t.Fatal(err)
		}
		if name, isOurs := strings.CutPrefix(p.ImportPath, module); isOurs {
			all = append(all, goPackage{name, p.Imports})
		}
	}
}
