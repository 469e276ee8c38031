package main

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// built is a folder as make build lays it out, with what else may lie there.
func built(at time.Time, mode fs.FileMode) fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: mode, ModTime: at} }
	return fstest.MapFS{
		"host.json":            file(`{"customHandler": {"description": {"defaultExecutablePath": "handler"}}}`),
		"handler":              file("\x7fELF"),
		"read/function.json":   file("{}"),
		"create/function.json": file("{}"),
		"local.settings.json":  file("somebody's own"),
		"handler.zip":          file("the last one"),
		"read/notes.txt":       file("not for the host"),
	}
}

func zipped(t *testing.T, app fs.FS) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := writeZip(&out, app); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTheZipIsThatOfTheFilesAndOfNothingElse(t *testing.T) {
	one := zipped(t, built(time.Unix(0, 0), 0o600))
	other := zipped(t, built(time.Now(), 0o777))
	if !bytes.Equal(one, other) {
		t.Error("times and modes of the folder change the zip")
	}
	changed := built(time.Now(), 0o777)
	changed["handler"].Data = []byte("another")
	if bytes.Equal(one, zipped(t, changed)) {
		t.Error("another handler makes the same zip")
	}
}

func TestTheZipHoldsWhatTheHostWants(t *testing.T) {
	data := zipped(t, built(time.Now(), 0o600))
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]fs.FileMode{"create/function.json": 0o644, "handler": 0o755, "host.json": 0o644, "read/function.json": 0o644}
	got := map[string]fs.FileMode{}
	for _, f := range r.File {
		got[f.Name] = f.Mode()
		if unix := f.CreatorVersion>>8 == 3; !unix {
			t.Errorf("%s was made on system %d: its mode does not count", f.Name, f.CreatorVersion>>8)
		}
	}
	if !maps.Equal(got, want) || !slices.IsSortedFunc(r.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("it holds %v, want %v in order", got, want)
	}
}

func TestAnAppThatCannotStartIsRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(fstest.MapFS)
		says  string
	}{
		{"no host.json", func(a fstest.MapFS) { delete(a, "host.json") }, "host.json"},
		{"host.json that is none", func(a fstest.MapFS) { a["host.json"].Data = []byte("{") }, "host.json"},
		{"no executable", func(a fstest.MapFS) { delete(a, "handler") }, "handler"},
		{"none named", func(a fstest.MapFS) { a["host.json"].Data = []byte("{}") }, "names no executable"},
		{"one outside", func(a fstest.MapFS) {
			a["host.json"].Data = []byte(`{"customHandler": {"description": {"defaultExecutablePath": "../sh"}}}`)
		}, "names no executable"},
		{"no function", func(a fstest.MapFS) { delete(a, "read/function.json"); delete(a, "create/function.json") }, "no function"},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := built(time.Now(), 0o644)
			c.spoil(app)
			if err := writeZip(io.Discard, app); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one of %q", err, c.says)
			}
		})
	}
}

// The repository's own host.json and manifests are what is packaged.
func TestTheRepositorysAppIsPackaged(t *testing.T) {
	name, err := executableOf(os.DirFS(".."))
	if err != nil || name != "handler" {
		t.Errorf("host.json starts %q, %v", name, err)
	}
}
