// Command release makes the files of a release in the directory that make build has
// filled:
//
//   - handler.zip, the function app for Azure
//   - image.tar, the standalone service as an OCI image, which docker load reads
//   - handler.cdx.json and image.cdx.json, an SBOM of each (CycloneDX 1.6)
//
// The same input gives the same bytes: order, modes, owners and times are fixed and
// independent of the machine. Go's own compression is used, so the release of Go is
// part of the input.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// release is one version of the product, and the files that it is made of.
type release struct {
	dist    string // directory of make build, and of the results
	version string
	created time.Time // of the image
	modules string    // file of cyclonedx-gomod: CycloneDX of the Go modules
	lock    string    // file: package-lock.json of the page
	roots   string    // file: PEM of the certificate authorities of the image
}

func main() {
	r := release{}
	epoch := flag.Int64("epoch", 0, "creation `time` of the image, in seconds since 1970")
	flag.StringVar(&r.dist, "dist", "dist", "`directory` of the build, and of the results")
	flag.StringVar(&r.version, "version", "dev", "`version` of the product")
	flag.StringVar(&r.modules, "modules", "", "`file` of cyclonedx-gomod")
	flag.StringVar(&r.lock, "lock", "web/package-lock.json", "`file` of the page's npm packages")
	flag.StringVar(&r.roots, "roots", "", "`file` of the certificate authorities")
	flag.Parse()
	r.created = time.Unix(*epoch, 0).UTC()
	if err := r.write(); err != nil {
		fmt.Fprintf(os.Stderr, "release: %v\n", err)
		os.Exit(1)
	}
}

func (r *release) write() error {
	var app bytes.Buffer
	if err := writeZip(&app, os.DirFS(r.dist)); err != nil {
		return fmt.Errorf("handler.zip: %w", err)
	}
	handler, err := os.ReadFile(filepath.Join(r.dist, "handler"))
	if err != nil {
		return err
	}
	roots, err := os.ReadFile(r.roots)
	if err != nil {
		return err
	}
	image, err := newImage(handler, roots, r.version, r.created)
	if err != nil {
		return fmt.Errorf("image.tar: %w", err)
	}
	files, err := r.sboms(app.Bytes(), image, roots)
	if err != nil {
		return fmt.Errorf("SBOM: %w", err)
	}
	files["handler.zip"], files["image.tar"] = app.Bytes(), image.archive
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(r.dist, name), data, 0o644); err != nil { //nolint:gosec // to be published
			return err
		}
	}
	return nil
}

// sboms returns the two SBOMs by file name.
func (r *release) sboms(app []byte, image *image, roots []byte) (map[string][]byte, error) {
	modules, err := os.ReadFile(r.modules)
	if err != nil {
		return nil, err
	}
	lock, err := os.ReadFile(r.lock)
	if err != nil {
		return nil, err
	}
	function, err := newSBOM(modules, lock, r.version)
	if err != nil {
		return nil, err
	}
	container, err := newSBOM(modules, lock, r.version)
	if err != nil {
		return nil, err
	}
	function.setHash(app)
	if err := container.describeImage(image, roots, r.version); err != nil {
		return nil, err
	}
	return map[string][]byte{"handler.cdx.json": function.encode(), "image.cdx.json": container.encode()}, nil
}
