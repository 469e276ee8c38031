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

// bill is a CycloneDX document: the Go modules of the binary, and the npm packages
// of the page that is in it.
type bill struct{ doc object }

func newBill(modules, lock []byte, version string) (*bill, error) {
	b := &bill{}
	if err := json.Unmarshal(modules, &b.doc); err != nil {
		return nil, fmt.Errorf("of the Go modules: %w", err)
	}
	if err := b.name(version); err != nil {
		return nil, fmt.Errorf("of the Go modules: %w", err)
	}
	packages, err := pagePackages(lock)
	if err != nil {
		return nil, fmt.Errorf("of the page: %w", err)
	}
	return b, b.add(programRef, packages...)
}

// programRef is what the bill calls the binary.
const programRef = "handler"

// name gives the binary the version that it reports itself, and not one that git
// would give, which a copy without history has none of.
func (b *bill) name(version string) error {
	program, ok := b.main()
	if !ok {
		return errors.New("no main component")
	}
	was := program["bom-ref"]
	program["bom-ref"], program["name"], program["version"] = programRef, "secret-sharer", version
	module, _, _ := strings.Cut(fmt.Sprint(was), "@")
	program["purl"] = module + "@" + url.QueryEscape(version) + "?type=module#handler"
	edges, _ := b.doc["dependencies"].([]any)
	for _, e := range edges {
		if edge, ok := e.(object); ok && edge["ref"] == was {
			edge["ref"] = programRef
		}
	}
	return nil
}

func (b *bill) main() (object, bool) {
	metadata, _ := b.doc["metadata"].(object)
	component, ok := metadata["component"].(object)
	return component, ok
}

// add lists components, as what another one depends on.
func (b *bill) add(parent any, components ...object) error {
	listed, _ := b.doc["components"].([]any)
	edges, _ := b.doc["dependencies"].([]any)
	at := slices.IndexFunc(edges, func(e any) bool { edge, _ := e.(object); return edge["ref"] == parent })
	if at < 0 {
		return fmt.Errorf("nothing is known of what %v depends on", parent)
	}
	edge, _ := edges[at].(object)
	on, _ := edge["dependsOn"].([]any)
	for _, c := range components {
		listed, on = append(listed, c), append(on, c["bom-ref"])
		edges = append(edges, object{"ref": c["bom-ref"]})
	}
	edge["dependsOn"], b.doc["components"], b.doc["dependencies"] = on, listed, edges
	return nil
}

// hash says which file the bill is of.
func (b *bill) hash(data []byte) {
	main, _ := b.main()
	main["hashes"] = sha256Of(data)
}

// contain makes it the bill of an image that holds the program and certificates.
func (b *bill) contain(i *image, roots []byte, version string) error {
	program, _ := b.main()
	program["type"] = "application"
	container := object{"type": "container", "name": "secret-sharer", "version": version, "bom-ref": "image",
		"purl": "pkg:oci/secret-sharer@" + url.QueryEscape(i.manifest) + "?arch=amd64&tag=" + url.QueryEscape(version), "hashes": sha256Of(i.archive)}
	metadata, _ := b.doc["metadata"].(object)
	metadata["component"] = container
	listed, _ := b.doc["components"].([]any)
	edges, _ := b.doc["dependencies"].([]any)
	b.doc["components"] = append(listed, program)
	b.doc["dependencies"] = append(edges, object{"ref": "image", "dependsOn": []any{programRef}})
	authorities, err := rootsComponent(roots)
	if err != nil {
		return err
	}
	return b.add("image", authorities)
}

func (b *bill) encode() []byte { return append(encode(b.doc), '\n') }

var rootsHeader = regexp.MustCompile(`^# (\S+) (v\S+)\n`)

// rootsComponent takes the name of the module from the first line of the certificates.
func rootsComponent(roots []byte) (object, error) {
	m := rootsHeader.FindSubmatch(roots)
	if m == nil {
		return nil, errors.New("the certificates do not say where they are from")
	}
	purl := fmt.Sprintf("pkg:golang/%s@%s?type=module", m[1], m[2])
	return object{"type": "data", "name": string(m[1]), "version": string(m[2]), "bom-ref": purl, "purl": purl, "hashes": sha256Of(roots)}, nil
}

// pagePackages are the npm packages that the page is made of, by a lock file of version 3.
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
		return nil, fmt.Errorf("lock file of version %d", file.LockfileVersion)
	}
	var all []object
	for _, path := range slices.Sorted(maps.Keys(file.Packages)) {
		p := file.Packages[path]
		folders := strings.Split(path, "node_modules/")
		name := folders[len(folders)-1]
		if path == "" || p.Dev { // the page itself, and what it is built with
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
