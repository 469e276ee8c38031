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

// mayImport says of the module's packages which others of it they may import, and
// of those that are to be kept from everything else, what besides the standard library.
var mayImport = map[string]struct {
	ours   []string
	theirs []string // nil for whatever go.mod has
}{
	"handler": {ours: []string{"api", "handler/internal/azure", "functions", "web", "envelope/header", "handler/internal/host", "handler/internal/secret", "handler/internal/hold", "handler/internal/week", "handler/internal/seal",
		"handler/internal/store", "handler/internal/store/bolt", "handler/internal/store/table", "handler/internal/quarantine", "handler/internal/event", "handler/internal/abuse", "handler/internal/clock", "handler/internal/strictjson"}},
	"handler/internal/seal":       {ours: []string{"handler/internal/secret", "handler/internal/week"}},
	"handler/internal/quarantine": {ours: []string{"handler/internal/secret", "handler/internal/hold", "handler/internal/strictjson"}},
	"handler/internal/event":      {ours: []string{"handler/internal/azure", "handler/internal/clock", "handler/internal/secret"}},
	"handler/internal/abuse":      {ours: []string{"handler/internal/secret"}, theirs: []string{}},
	"handler/internal/hold":       {ours: []string{"handler/internal/week"}, theirs: []string{}},
	"handler/internal/week":       {theirs: []string{}},
	"handler/internal/secret":     {ours: []string{"envelope/header", "handler/internal/hold", "handler/internal/week"}, theirs: []string{}},
	"handler/internal/clock":      {theirs: []string{}},
	"handler/internal/host":       {ours: []string{"handler/internal/clock", "handler/internal/strictjson"}, theirs: []string{"github.com/robfig/cron/v3"}},
	"api":                         {theirs: []string{}},
	"handler/internal/strictjson": {theirs: []string{}},
	"functions":                   {theirs: []string{}},
	"web":                         {theirs: []string{}},
	"envelope/header":             {theirs: []string{}},
	"envelope/internal/chunked":   {},
	"envelope":                    {ours: []string{"envelope/header", "envelope/internal/chunked"}},
	"client":                      {ours: []string{"api", "envelope", "envelope/header"}},
	"cmd/sss":                     {ours: []string{"api", "client", "envelope", "envelope/header"}},

	"handler/internal/azure":       {},
	"handler/internal/store":       {ours: []string{"handler/internal/secret", "handler/internal/hold", "handler/internal/week"}, theirs: []string{}},
	"handler/internal/store/bolt":  {ours: []string{"handler/internal/secret", "handler/internal/hold", "handler/internal/store"}, theirs: []string{"go.etcd.io/bbolt", "go.etcd.io/bbolt/errors"}},
	"handler/internal/store/table": {ours: []string{"handler/internal/azure", "handler/internal/secret", "handler/internal/hold", "handler/internal/store"}},
}

// Imports run one way; docs/design.md, section 2, says why.
func TestImportsRunOneWay(t *testing.T) {
	for _, program := range []string{"handler", "cmd/sss"} {
		for _, p := range deps(t, "./"+program) {
			name, is := strings.CutPrefix(p.ImportPath, module)
			if !is {
				continue
			}
			may, known := mayImport[name]
			if !known {
				t.Errorf("%s depends on %s, which no rule covers", program, name)
			}
			for _, path := range p.Imports {
				ours, is := strings.CutPrefix(path, module)
				if is && !slices.Contains(may.ours, ours) || !is && !standard(path) && may.theirs != nil && !slices.Contains(may.theirs, path) {
					t.Errorf("%s imports %s", name, path)
				}
			}
		}
	}
}

// The handler cannot open an envelope: it does not hold the code that could.
func TestTheHandlerTakesOnlyTheHeaderOfEnvelopes(t *testing.T) {
	found := 0
	for _, p := range deps(t, "./handler") {
		if name, is := strings.CutPrefix(p.ImportPath, module); is && strings.HasPrefix(name+"/", "envelope/") {
			found++
			if name != "envelope/header" {
				t.Errorf("the handler depends on %s", name)
			}
		}
	}
	if found != 1 {
		t.Errorf("the handler depends on %d packages of envelopes", found)
	}
}

// listed is a package as go list describes it.
type listed struct {
	ImportPath string
	Imports    []string
}

func deps(t *testing.T, pattern string) (all []listed) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports", pattern)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			if len(all) < 10 {
				t.Fatalf("%s has %d dependencies: go list is not understood", pattern, len(all))
			}
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// standard reports whether a path is the standard library's, whose first part has no dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
