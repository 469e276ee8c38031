// Command package turns what make build laid out into what is released, in the
// same folder:
//
//   - handler.zip, the function app, as Azure takes it
//   - image.tar, the service on its own, as an OCI image that docker load takes too
//   - handler.cdx.json and image.cdx.json, what is in them (CycloneDX 1.6)
//
// The same input gives the same bytes: order, modes, owners and times are fixed,
// and nothing of the machine goes in. Compression is Go's own, so that the same
// release of Go is part of the input.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// release is one version of the product, and where it lies.
type release struct {
	dist    string // the folder of make build, and of the results
	version string
	created time.Time // of the image; the zip has none
	modules string    // CycloneDX of the Go modules, as cyclonedx-gomod writes it
	lock    string    // package-lock.json of the page
	roots   string    // PEM of the certificate authorities that the image trusts
}

func main() {
	r := release{}
	epoch := flag.Int64("epoch", 0, "creation `time` of the image, in seconds since 1970")
	flag.StringVar(&r.dist, "dist", "dist", "`folder` of the build, and of the results")
	flag.StringVar(&r.version, "version", "dev", "`version` of the product")
	flag.StringVar(&r.modules, "modules", "", "`file` of cyclonedx-gomod")
	flag.StringVar(&r.lock, "lock", "web/package-lock.json", "`file` of the page's npm packages")
	flag.StringVar(&r.roots, "roots", "", "`file` of the certificate authorities")
	flag.Parse()
	r.created = time.Unix(*epoch, 0).UTC()
	if err := r.write(); err != nil {
		fmt.Fprintf(os.Stderr, "package: %v\n", err)
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
	bills, err := r.bills(app.Bytes(), image, roots)
	if err != nil {
		return fmt.Errorf("bill of materials: %w", err)
	}
	bills["handler.zip"], bills["image.tar"] = app.Bytes(), image.archive
	for name, data := range bills {
		if err := os.WriteFile(filepath.Join(r.dist, name), data, 0o644); err != nil { //nolint:gosec // to be published
			return err
		}
	}
	return nil
}

// bills are the two bills of materials, by the names of their files.
func (r *release) bills(app []byte, image *image, roots []byte) (map[string][]byte, error) {
	modules, err := os.ReadFile(r.modules)
	if err != nil {
		return nil, err
	}
	lock, err := os.ReadFile(r.lock)
	if err != nil {
		return nil, err
	}
	function, err := newBill(modules, lock, r.version)
	if err != nil {
		return nil, err
	}
	container, err := newBill(modules, lock, r.version)
	if err != nil {
		return nil, err
	}
	function.hash(app)
	if err := container.contain(image, roots, r.version); err != nil {
		return nil, err
	}
	return map[string][]byte{"handler.cdx.json": function.encode(), "image.cdx.json": container.encode()}, nil
}
