package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// user is the one of the image: none that a machine has, and not root.
const user = 65532

// image is an OCI image layout in a tar, with the index that docker load of all
// versions reads besides.
type image struct {
	archive  []byte
	manifest string // digest, by which registries know the image
}

// layer is the whole file system. Nothing in it can be written but /data, which a
// volume covers.
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

// configOf says how the image is run. The health check is Docker's extension of
// the format; others pass over it.
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

// object is JSON with its members in the order of their names.
type object = map[string]any

// encode writes JSON; what it gets here always has a form in it.
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
