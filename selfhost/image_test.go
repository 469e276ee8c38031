//go:build selfhost

package selfhost

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

// imageConfig is what the image says of how it is run.
type imageConfig struct {
	User        string
	Env         []string
	Entrypoint  []string
	Volumes     map[string]any
	Healthcheck struct{ Test []string }
}

// loaded unpacks dist/image.tar into a folder, as docker load and run would.
func loaded(t *testing.T, root string) (config imageConfig) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(given(t, "DIST"), "image.tar"))
	if err != nil {
		t.Fatal(err)
	}
	blobs := map[string][]byte{}
	each(t, data, func(h *tar.Header, data []byte) { blobs[h.Name] = data })
	var index []struct {
		Config string
		Layers []string
	}
	decode(t, blobs["manifest.json"], &index)
	var described struct{ Config imageConfig }
	decode(t, blobs[index[0].Config], &described)
	for _, layer := range index[0].Layers {
		each(t, blobs[layer], func(h *tar.Header, data []byte) { unpack(t, root, h, data) })
	}
	return described.Config
}

func each(t *testing.T, archive []byte, do func(*tar.Header, []byte)) {
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

func decode(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%v in %.200s", err, data)
	}
}
