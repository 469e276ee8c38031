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

// built is a directory as make build leaves it, with other files in it.
func built(at time.Time, mode fs.FileMode) fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: mode, ModTime: at} }
	return fstest.MapFS{
		"host.json":            file(`{"customHandler": {"description": {"defaultExecutablePath": "handler"}}}`),
		"handler":              file("\x7fELF"),
		"read/function.json":   file("{}"),
		"create/function.json": file("{}"),
		"local.settings.json":  file("local"),
		"handler.zip":          file("an old one"),
		"read/notes.txt":       file("other"),
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

func TestTheZipDependsOnTheFilesOnly(t *testing.T) {
	one := zipped(t, built(time.Unix(0, 0), 0o600))
	other := zipped(t, built(time.Now(), 0o777))
	if !bytes.Equal(one, other) {
		t.Error("times and modes of the files change the zip")
	}
	changed := built(time.Now(), 0o777)
	changed["handler"].Data = []byte("another")
	if bytes.Equal(one, zipped(t, changed)) {
		t.Error("another handler gives the same zip")
	}
}

func TestTheZipContainsTheFunctionApp(t *testing.T) {
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
			t.Errorf("%s has no mode: system %d", f.Name, f.CreatorVersion>>8)
		}
	}
	if !maps.Equal(got, want) || !slices.IsSortedFunc(r.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("it contains %v, want %v in order", got, want)
	}
}

func TestAnIncompleteAppIsRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(fstest.MapFS)
		want  string
	}{
		{"no host.json", func(a fstest.MapFS) { delete(a, "host.json") }, "host.json"},
		{"invalid host.json", func(a fstest.MapFS) { a["host.json"].Data = []byte("{") }, "host.json"},
		{"no executable", func(a fstest.MapFS) { delete(a, "handler") }, "handler"},
		{"no executable named", func(a fstest.MapFS) { a["host.json"].Data = []byte("{}") }, "not a file of the app"},
		{"an executable outside", func(a fstest.MapFS) {
			a["host.json"].Data = []byte(`{"customHandler": {"description": {"defaultExecutablePath": "../sh"}}}`)
		}, "not a file of the app"},
		{"no function", func(a fstest.MapFS) { delete(a, "read/function.json"); delete(a, "create/function.json") }, "no function.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := built(time.Now(), 0o644)
			c.spoil(app)
			if err := writeZip(io.Discard, app); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheExecutableOfTheRepositoryIsTheHandler(t *testing.T) {
	name, err := executableOf(os.DirFS(".."))
	if err != nil || name != "handler" {
		t.Errorf("host.json starts %q, %v", name, err)
	}
}
