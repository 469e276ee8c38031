package main

import (
	"slices"
	"strings"
	"testing"
)

const modules = `{"metadata": {"component": {"bom-ref": "pkg:golang/example.com/app@v0?type=module#handler", "type": "application"}},
	"components": [{"bom-ref": "m1"}],
	"dependencies": [{"ref": "pkg:golang/example.com/app@v0?type=module#handler", "dependsOn": ["m1"]}, {"ref": "m1"}]}`

var sha512 = "sha512-" + strings.Repeat("A", 86) + "=="

var lockFile = `{"lockfileVersion": 3, "packages": {
	"": {"name": "page"},
	"node_modules/vite": {"version": "8.0.0", "dev": true},
	"node_modules/@scure/bip39": {"version": "2.4.0", "license": "MIT", "integrity": "` + sha512 + `"},
	"node_modules/@scure/bip39/node_modules/@noble/hashes": {"version": "1.0.0", "license": "MIT", "integrity": "` + sha512 + `"}}}`

type component struct {
	Ref     string `json:"bom-ref"`
	Type    string
	Purl    string
	Version string
	Hashes  []struct{ Alg, Content string }
}

type document struct {
	Metadata     struct{ Component component }
	Components   []component
	Dependencies []struct {
		Ref       string
		DependsOn []string
	}
}

// reaches returns all direct and indirect dependencies of the document's subject.
func (d *document) reaches() (refs []string) {
	refs = []string{d.Metadata.Component.Ref}
	for i := 0; i < len(refs); i++ {
		for _, edge := range d.Dependencies {
			if edge.Ref != refs[i] {
				continue
			}
			for _, ref := range edge.DependsOn {
				if !slices.Contains(refs, ref) {
					refs = append(refs, ref)
				}
			}
		}
	}
	return refs
}

func TestAnSBOMListsModulesAndPackages(t *testing.T) {
	b, err := newSBOM([]byte(modules), []byte(lockFile), "v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	doc := parse[document](t, b.encode())
	if main := doc.Metadata.Component; main.Version != "v1.2.3" || main.Purl != "pkg:golang/example.com/app@v1.2.3?type=module#handler" {
		t.Errorf("it describes %+v", main)
	}
	want := []string{"handler", "m1", "pkg:npm/%40scure/bip39@2.4.0", "pkg:npm/%40noble/hashes@1.0.0"}
	if got := doc.reaches(); !slices.Equal(got, want) {
		t.Errorf("it lists %q", got)
	}
}

func TestTheSBOMOfTheImageListsProgramAndCertificates(t *testing.T) {
	b, err := newSBOM([]byte(modules), []byte(lockFile), "v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	i := made(t, "elf", 7)
	if err := b.describeImage(i, []byte("# golang.org/x/roots v0.1.0\n"), "v1.2.3"); err != nil {
		t.Fatal(err)
	}
	doc := parse[document](t, b.encode())
	if main := doc.Metadata.Component; main.Type != "container" || "sha256:"+main.Hashes[0].Content != digest(i.archive) {
		t.Errorf("it describes %+v", main)
	}
	for _, want := range []string{"handler", "m1", "pkg:npm/%40noble/hashes@1.0.0", "pkg:golang/golang.org/x/roots@v0.1.0?type=module"} {
		if !slices.Contains(doc.reaches(), want) || !slices.ContainsFunc(doc.Components, func(c component) bool { return c.Ref == want }) {
			t.Errorf("%s is not in it", want)
		}
	}
}

func TestUnexpectedInputOfAnSBOMIsRefused(t *testing.T) {
	for _, c := range []struct{ name, modules, lock, want string }{
		{"no JSON", "", lockFile, "Go modules"},
		{"no main component", "{}", lockFile, "no main component"},
		{"no graph", `{"metadata": {"component": {"bom-ref": "a"}}}`, lockFile, "no dependencies"},
		{"an old lock file", modules, `{"lockfileVersion": 1}`, "version 1"},
		{"a package without a hash", modules, strings.Replace(lockFile, sha512, "sha1-AAAA", 1), "no SHA-512"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := newSBOM([]byte(c.modules), []byte(c.lock), "v1"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	if _, err := rootsComponent([]byte("-----BEGIN CERTIFICATE-----")); err == nil {
		t.Error("certificates without a module are accepted")
	}
}
