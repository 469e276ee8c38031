package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// sbom is a CycloneDX document with the Go modules of the binary and the npm
// packages of the page inside it.
type sbom struct{ doc object }

// newSBOM extends the document of cyclonedx-gomod by the packages of the lock file.
func newSBOM(modules, lock []byte, version string) (*sbom, error) {
	s := &sbom{}
	if err := json.Unmarshal(modules, &s.doc); err != nil {
		return nil, fmt.Errorf("list of Go modules: %w", err)
	}
	if err := s.setVersion(version); err != nil {
		return nil, fmt.Errorf("list of Go modules: %w", err)
	}
	packages, err := pagePackages(lock)
	if err != nil {
		return nil, fmt.Errorf("packages of the page: %w", err)
	}
	return s, s.add(programRef, packages...)
}

// programRef is the reference of the binary in the document.
const programRef = "handler"

// setVersion sets the version that the binary itself reports. The version that
// cyclonedx-gomod takes from git is missing in a copy without history.
func (s *sbom) setVersion(version string) error {
	program, ok := s.main()
	if !ok {
		return errors.New("no main component")
	}
	was := program["bom-ref"]
	program["bom-ref"], program["name"], program["version"] = programRef, "secret-sharer", version
	module, _, _ := strings.Cut(fmt.Sprint(was), "@")
	program["purl"] = module + "@" + url.QueryEscape(version) + "?type=module#handler"
	edges, _ := s.doc["dependencies"].([]any)
	for _, e := range edges {
		if edge, ok := e.(object); ok && edge["ref"] == was {
			edge["ref"] = programRef
		}
	}
	return nil
}

func (s *sbom) main() (object, bool) {
	metadata, _ := s.doc["metadata"].(object)
	component, ok := metadata["component"].(object)
	return component, ok
}

// add adds components on which the component parent depends.
func (s *sbom) add(parent any, components ...object) error {
	listed, _ := s.doc["components"].([]any)
	edges, _ := s.doc["dependencies"].([]any)
	at := slices.IndexFunc(edges, func(e any) bool { edge, _ := e.(object); return edge["ref"] == parent })
	if at < 0 {
		return fmt.Errorf("no dependencies of %v", parent)
	}
	edge, _ := edges[at].(object)
	on, _ := edge["dependsOn"].([]any)
	for _, c := range components {
		listed, on = append(listed, c), append(on, c["bom-ref"])
		edges = append(edges, object{"ref": c["bom-ref"]})
	}
	edge["dependsOn"], s.doc["components"], s.doc["dependencies"] = on, listed, edges
	return nil
}

// setHash sets the hash of the file that the document describes.
func (s *sbom) setHash(data []byte) {
	main, _ := s.main()
	main["hashes"] = sha256Of(data)
}

// describeImage makes the document describe an image that contains the program and
// the certificates.
func (s *sbom) describeImage(i *image, roots []byte, version string) error {
	program, _ := s.main()
	program["type"] = "application"
	container := object{"type": "container", "name": "secret-sharer", "version": version, "bom-ref": "image",
		"purl": "pkg:oci/secret-sharer@" + url.QueryEscape(i.manifest) + "?arch=amd64&tag=" + url.QueryEscape(version), "hashes": sha256Of(i.archive)}
	metadata, _ := s.doc["metadata"].(object)
	metadata["component"] = container
	listed, _ := s.doc["components"].([]any)
	edges, _ := s.doc["dependencies"].([]any)
	s.doc["components"] = append(listed, program)
	s.doc["dependencies"] = append(edges, object{"ref": "image", "dependsOn": []any{programRef}})
	authorities, err := rootsComponent(roots)
	if err != nil {
		return err
	}
	return s.add("image", authorities)
}

func (s *sbom) encode() []byte { return append(encode(s.doc), '\n') }

var rootsHeader = regexp.MustCompile(`^# (\S+) (v\S+)\n`)

// rootsComponent reads the name and version of the module from the first line of
// the certificates.
func rootsComponent(roots []byte) (object, error) {
	m := rootsHeader.FindSubmatch(roots)
	if m == nil {
		return nil, errors.New("certificates without name and version of their module")
	}
	purl := fmt.Sprintf("pkg:golang/%s@%s?type=module", m[1], m[2])
	return object{"type": "data", "name": string(m[1]), "version": string(m[2]), "bom-ref": purl, "purl": purl, "hashes": sha256Of(roots)}, nil
}

// pagePackages returns the npm packages inside the page, from a lock file of version 3.
func pagePackages(lock []byte) ([]object, error) {
	var file struct {
		LockfileVersion int
		Packages        map[string]struct {
			Version, Integrity, License string
			Dev                         bool
		}
	}
	if err := json.Unmarshal(lock, &file); err != nil {
		return nil, err
	}
	if file.LockfileVersion != 3 {
		return nil, fmt.Errorf("lock file has version %d, want 3", file.LockfileVersion)
	}
	var all []object
	for _, path := range slices.Sorted(maps.Keys(file.Packages)) {
		p := file.Packages[path]
		folders := strings.Split(path, "node_modules/")
		name := folders[len(folders)-1]
		if path == "" || p.Dev { // the page itself, and its build tools
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Integrity, "sha512-"))
		if err != nil || len(sum) != 64 {
			return nil, fmt.Errorf("%s: no SHA-512", name)
		}
		purl := "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version
		all = append(all, object{"type": "library", "name": name, "version": p.Version, "bom-ref": purl, "purl": purl, "scope": "required",
			"licenses": []object{{"expression": p.License}}, "hashes": []object{{"alg": "SHA-512", "content": fmt.Sprintf("%x", sum)}}})
	}
	return all, nil
}

func sha256Of(data []byte) []object {
	return []object{{"alg": "SHA-256", "content": fmt.Sprintf("%x", sha256.Sum256(data))}}
}
