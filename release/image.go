package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// user is the user of the image: not root, and unused on usual machines.
const user = 65532

// image is an OCI image layout in a tar, with the additional index that every version
// of docker load reads.
type image struct {
	archive  []byte
	manifest string // digest, the image's name in registries
}

// layer returns the whole file system. Only /data is writable, and a volume covers it.
func layer(handler, roots []byte, at time.Time) ([]byte, error) {
	return archive(at,
		folder("data/", 0o700, user),
		folder("etc/", 0o755, 0),
		file("etc/group", fmt.Appendf(nil, "secretsharer:x:%d:\n", user), 0o644),
		file("etc/passwd", fmt.Appendf(nil, "secretsharer:x:%d:%d::/data:/\n", user, user), 0o644),
		folder("etc/ssl/", 0o755, 0),
		folder("etc/ssl/certs/", 0o755, 0),
		file("etc/ssl/certs/ca-certificates.crt", roots, 0o644),
		file("handler", handler, 0o755),
	)
}

func newImage(handler, roots []byte, version string, created time.Time) (*image, error) {
	files, err := layer(handler, roots, created)
	if err != nil {
		return nil, err
	}
	config := encode(configOf(digest(files), version, created))
	manifest := encode(object{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": descriptor("application/vnd.oci.image.config.v1+json", config),
		"layers": []object{descriptor("application/vnd.oci.image.layer.v1.tar", files)},
	})
	name := "secret-sharer:" + version
	described := descriptor("application/vnd.oci.image.manifest.v1+json", manifest)
	described["annotations"] = object{"org.opencontainers.image.ref.name": version, "io.containerd.image.name": "docker.io/library/" + name}
	index := object{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []object{described}}
	forDocker := []object{{"Config": blobPath(config), "RepoTags": []string{name}, "Layers": []string{blobPath(files)}}}
	data, err := archive(created,
		folder("blobs/", 0o755, 0), folder("blobs/sha256/", 0o755, 0),
		file(blobPath(config), config, 0o644), file(blobPath(files), files, 0o644), file(blobPath(manifest), manifest, 0o644),
		file("index.json", encode(index), 0o644),
		file("manifest.json", encode(forDocker), 0o644),
		file("oci-layout", encode(object{"imageLayoutVersion": "1.0.0"}), 0o644),
	)
	return &image{data, digest(manifest)}, err
}

// configOf returns the configuration of the image. The health check is Docker's
// extension, which other runtimes ignore.
func configOf(layer, version string, created time.Time) object {
	return object{
		"created": created.Format(time.RFC3339), "architecture": "amd64", "os": "linux",
		"rootfs":  object{"type": "layers", "diff_ids": []string{layer}},
		"history": []object{{"created": created.Format(time.RFC3339), "created_by": "make package"}},
		"config": object{
			"User":         fmt.Sprintf("%d:%d", user, user),
			"Env":          []string{"SSS_LISTEN=0.0.0.0:7071", "SSS_DATA=/data"},
			"Entrypoint":   []string{"/handler"},
			"WorkingDir":   "/",
			"ExposedPorts": object{"7071/tcp": object{}},
			"Volumes":      object{"/data": object{}},
			"StopSignal":   "SIGTERM",
			"Healthcheck": object{"Test": []string{"CMD", "/handler", "health"},
				"Interval": 30 * time.Second, "Timeout": 10 * time.Second, "StartPeriod": 10 * time.Second, "Retries": 3},
			"Labels": object{
				"org.opencontainers.image.title":    "Secure Secret Sharer",
				"org.opencontainers.image.version":  version,
				"org.opencontainers.image.licenses": "Apache-2.0",
			},
		},
	}
}

// object is a JSON object. Its members are encoded in the order of their names.
type object = map[string]any

// encode returns v as JSON. It panics for values that JSON cannot represent.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func digest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

func blobPath(data []byte) string { return fmt.Sprintf("blobs/sha256/%x", sha256.Sum256(data)) }

func descriptor(mediaType string, data []byte) object {
	return object{"mediaType": mediaType, "digest": digest(data), "size": len(data)}
}

// entry is one file or directory of a tar.
type entry struct {
	header tar.Header
	data   []byte
}

func file(name string, data []byte, mode int64) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(data))}, data}
}

func folder(name string, mode int64, owner int) entry {
	return entry{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: mode, Uid: owner, Gid: owner}, nil}
}

// archive returns a tar of the entries, in their order and with one time.
func archive(at time.Time, entries ...entry) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		e.header.ModTime, e.header.Format = at, tar.FormatUSTAR
		if err := w.WriteHeader(&e.header); err != nil {
			return nil, fmt.Errorf("%s: %w", e.header.Name, err)
		}
		if _, err := w.Write(e.data); err != nil {
			return nil, fmt.Errorf("%s: %w", e.header.Name, err)
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
