//go:build selfhost

package main

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
	"debug/buildinfo"
	"encoding/pem"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/secretsharer/secretsharer/functions"
)

// released reads a file that make package wrote.
func released(t *testing.T, name string) []byte {
	t.Helper()
	dist := os.Getenv("DIST")
	if dist == "" {
		t.Fatal("DIST is not set: run make selfhost")
	}
	data, err := os.ReadFile(filepath.Join(dist, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTwoBuildsOfACommitAreTheSame builds the commit in two clones with different
// paths, file modes and time zones.
func TestTwoBuildsOfACommitAreTheSame(t *testing.T) {
	one := build(t, t.TempDir(), "022", "TZ=UTC")
	other := build(t, filepath.Join(t.TempDir(), "a", "longer", "path"), "077", "TZ=Asia/Tokyo")
	for name, data := range one {
		if !bytes.Equal(data, other[name]) {
			t.Errorf("%s differs", name)
		}
	}
	t.Logf("%d files are equal", len(one))
}

// build runs make package in a clone of the repository and returns the files.
func build(t *testing.T, dir, umask, zone string) map[string][]byte {
	t.Helper()
	script := `set -e; umask "$1"; git clone -q "$(git rev-parse --show-toplevel)" "$0"; cd "$0"; env -u MAKEFLAGS make -s package CYCLONEDX="$CYCLONEDX"`
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script, dir, umask)
	cmd.Env = append(os.Environ(), zone)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make package: %v\n%s", err, out)
	}
	files := map[string][]byte{}
	for _, name := range []string{"handler.zip", "image.tar", "handler.cdx.json", "image.cdx.json", "SHA256SUMS"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, "dist", name)); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestTheReleasedZipIsAFunctionApp(t *testing.T) {
	data := released(t, "handler.zip")
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := fs.Glob(functions.Files, "*/function.json")
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(append(manifests, "handler", "host.json")))
	var got []string
	for _, f := range r.File {
		got = append(got, f.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("it contains %q, want %q", got, want)
	}
	if help := runReleased(t, r); !strings.HasPrefix(help, "usage: handler") {
		t.Errorf("the handler prints %q", help)
	}
}

// runReleased unpacks the handler with its mode in the zip and returns its help.
func runReleased(t *testing.T, r *zip.Reader) string {
	t.Helper()
	f, err := r.Open("handler")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "handler")
	if err := os.WriteFile(name, data, info.Mode()); err != nil {
		t.Fatal(err)
	}
	help, _ := exec.CommandContext(t.Context(), name, "help").CombinedOutput()
	return string(help)
}

// TestTheSBOMsListEveryModuleOfTheBinary compares them with the binary's own build
// information.
func TestTheSBOMsListEveryModuleOfTheBinary(t *testing.T) {
	info, err := buildinfo.Read(bytes.NewReader(released(t, "handler")))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"std " + info.GoVersion: true}
	for _, m := range info.Deps {
		want[m.Path+" "+m.Version] = true
	}
	for _, name := range []string{"handler.cdx.json", "image.cdx.json"} {
		got := map[string]bool{}
		for _, c := range parse[document](t, released(t, name)).Components {
			if name, is := strings.CutPrefix(c.Purl, "pkg:golang/"); is && c.Ref != programRef && !strings.Contains(name, "x509roots") {
				name, version, _ := strings.Cut(name, "@")
				version, _, _ = strings.Cut(version, "?")
				got[name+" "+version] = true
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s lists\n%q, and the binary has\n%q", name, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
}

// The schema is the one in the module of cyclonedx-gomod.
func TestTheSBOMsFollowTheSchema(t *testing.T) {
	folder := os.Getenv("CYCLONEDX_SCHEMAS")
	c := jsonschema.NewCompiler()
	for url, file := range map[string]string{"bom-1.6.schema.json": "bom-1.6.schema.json", "spdx.schema.json": "spdx.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schemax.json"} {
		data, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("http://cyclonedx.org/schema/"+url, parse[any](t, data)); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"handler.cdx.json", "image.cdx.json"} {
		doc := parse[map[string]any](t, released(t, name))
		if err := schema.Validate(any(doc)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if doc["components"] = "none"; schema.Validate(any(doc)) == nil {
			t.Error("the schema accepts an invalid document")
		}
	}
}

func TestTheImageHasMozillasAuthorities(t *testing.T) {
	files, _ := unpacked(t, released(t, "image.tar"))
	docker := parse[[]struct{ Layers []string }](t, files["manifest.json"])[0]
	layer, _ := unpacked(t, files[docker.Layers[0]])
	rest, count := layer["etc/ssl/certs/ca-certificates.crt"], 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil || !certificate.IsCA {
			t.Errorf("%v is not an authority: %v", certificate.Subject, err)
		}
		count++
	}
	if count < 100 {
		t.Errorf("%d authorities", count)
	}
}
