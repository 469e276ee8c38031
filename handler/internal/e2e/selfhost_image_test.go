//go:build selfhost

package e2e

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// imageConfig is the part of the image's configuration that the tests use.
type imageConfig struct {
	User        string
	Env         []string
	Entrypoint  []string
	Volumes     map[string]any
	Healthcheck struct{ Test []string }
}

// loadImage unpacks dist/image.tar into a directory, as docker load and run would.
func loadImage(t *testing.T, root string) (config imageConfig) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dist, "image.tar"))
	if err != nil {
		t.Fatal(err)
	}
	blobs := map[string][]byte{}
	forEachEntry(t, data, func(h *tar.Header, data []byte) { blobs[h.Name] = data })
	var index []struct {
		Config string
		Layers []string
	}
	parseJSON(t, blobs["manifest.json"], &index)
	var described struct{ Config imageConfig }
	parseJSON(t, blobs[index[0].Config], &described)
	for _, layer := range index[0].Layers {
		forEachEntry(t, blobs[layer], func(h *tar.Header, data []byte) { unpack(t, root, h, data) })
	}
	return described.Config
}

func forEachEntry(t *testing.T, archive []byte, do func(*tar.Header, []byte)) {
	t.Helper()
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		do(h, data)
	}
}

func unpack(t *testing.T, root string, h *tar.Header, data []byte) {
	t.Helper()
	name := filepath.Join(root, h.Name)
	create := func() error { return os.WriteFile(name, data, 0o600) }
	if h.Typeflag == tar.TypeDir {
		create = func() error { return os.Mkdir(name, 0o700) }
	}
	err := create()
	if err = errors.Join(err, os.Chmod(name, h.FileInfo().Mode()), os.Chown(name, h.Uid, h.Gid)); err != nil {
		t.Fatal(err)
	}
}

func parseJSON(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%v in %.200s", err, data)
	}
}
