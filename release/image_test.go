package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"testing"
	"time"
)

func made(t *testing.T, handler string, at int64) *image {
	t.Helper()
	i, err := newImage([]byte(handler), []byte("# a v1\n"), "v1.2.3", time.Unix(at, 0).UTC())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func unpacked(t *testing.T, archive []byte) (files map[string][]byte, headers map[string]*tar.Header) {
	t.Helper()
	files, headers = map[string][]byte{}, map[string]*tar.Header{}
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, headers
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name], headers[h.Name] = data, h
	}
}

func parse[T any](t *testing.T, data []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return v
}

func TestTheImageDependsOnItsInputOnly(t *testing.T) {
	if !bytes.Equal(made(t, "elf", 7).archive, made(t, "elf", 7).archive) {
		t.Error("two images of the same input differ")
	}
	if made(t, "elf", 7).manifest == made(t, "another", 7).manifest {
		t.Error("another handler gives the same image")
	}
}

type blob struct {
	Digest string
	Size   int
}

// Loading the image checks every digest. So does this test, with both indexes.
func TestTheDigestsOfTheImageAreRight(t *testing.T) {
	i := made(t, "elf", 7)
	files, _ := unpacked(t, i.archive)
	get := func(b blob) []byte {
		data := files["blobs/sha256/"+b.Digest[len("sha256:"):]]
		if digest(data) != b.Digest || len(data) != b.Size {
			t.Fatalf("%s has %d bytes, want %d", b.Digest, len(data), b.Size)
		}
		return data
	}
	index := parse[struct{ Manifests []blob }](t, files["index.json"])
	manifest := parse[struct {
		Config blob
		Layers []blob
	}](t, get(index.Manifests[0]))
	config := parse[struct {
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}](t, get(manifest.Config))
	get(manifest.Layers[0])
	if index.Manifests[0].Digest != i.manifest || !slices.Equal(config.RootFS.DiffIDs, []string{manifest.Layers[0].Digest}) {
		t.Errorf("manifest %v, layers %v", i.manifest, config.RootFS.DiffIDs)
	}
	docker := parse[[]struct {
		Config           string
		RepoTags, Layers []string
	}](t, files["manifest.json"])[0]
	if digest(files[docker.Config]) != manifest.Config.Digest || digest(files[docker.Layers[0]]) != manifest.Layers[0].Digest ||
		docker.RepoTags[0] != "secret-sharer:v1.2.3" {
		t.Errorf("docker load reads %+v", docker)
	}
}

func TestTheImageContainsOnlyWhatItNeeds(t *testing.T) {
	type attributes struct {
		mode int64
		uid  int
	}
	handler, err := layer([]byte("elf"), []byte("roots"), time.Unix(7, 0))
	if err != nil {
		t.Fatal(err)
	}
	_, headers := unpacked(t, handler)
	got := map[string]attributes{}
	for name, h := range headers {
		got[name] = attributes{h.Mode, h.Uid}
		if !h.ModTime.Equal(time.Unix(7, 0)) {
			t.Errorf("%s has the time %v", name, h.ModTime)
		}
	}
	want := map[string]attributes{"data/": {0o700, 65532}, "etc/": {0o755, 0}, "etc/group": {0o644, 0}, "etc/passwd": {0o644, 0}, "etc/ssl/": {0o755, 0},
		"etc/ssl/certs/": {0o755, 0}, "etc/ssl/certs/ca-certificates.crt": {0o644, 0}, "handler": {0o755, 0}}
	if !maps.Equal(got, want) {
		t.Errorf("it contains %v", got)
	}
}
