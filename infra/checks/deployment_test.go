// Package checks tests the Azure deployment without Azure: its roles, its exposure to the internet, its logs,
// tags, zones and names, and the settings of the function app. It also compares the docs with the deployment.
//
// It reads the predicted resources, which `bicep snapshot` writes to infra/*.snapshot.json. Tests with the
// build tag infra also need the Bicep compiler and Checkov: make infra.
package checks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var sizes = []string{"lean", "hardened"}

// A deployment is what one parameter file would create, as the compiler predicts it.
type deployment struct {
	Resources []resource `json:"predictedResources"`
}

// A resource is a predicted resource as Resource Manager would receive it. Values that are known only
// during the deployment are expressions in brackets.
type resource map[string]any

// load reads the snapshot of a size in a folder.
func load(t *testing.T, folder, size string) deployment {
	t.Helper()
	var d deployment
	if err := json.Unmarshal([]byte(source(t, filepath.Join(folder, size+".snapshot.json"))), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Resources) == 0 {
		t.Fatalf("no resources in the snapshot of %s", size)
	}
	return d
}

func source(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Of returns the resources of a type, such as Microsoft.KeyVault/vaults.
func (d deployment) Of(kind string) []resource {
	var found []resource
	for _, r := range d.Resources {
		if strings.EqualFold(r.Type(), kind) {
			found = append(found, r)
		}
	}
	return found
}

func (r resource) Type() string { return r.Text("type") }

func (r resource) ID() string { return r.Text("id") }

// Name returns the last segment of the resource's name.
func (r resource) Name() string { return lastSegment(r.Text("name")) }

// String returns the type and the name of the resource, for error messages.
func (r resource) String() string { return r.Type() + " " + r.Text("name") }

// At returns the value at a path such as properties.sku.name, nil if there is none.
func (r resource) At(path string) any {
	var value any = map[string]any(r)
	for _, member := range strings.Split(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[member]
	}
	return value
}

// Text returns the string at a path, "" if there is none.
func (r resource) Text(path string) string {
	text, _ := r.At(path).(string)
	return text
}

// List returns the list of objects at a path, nil if there is none.
func (r resource) List(path string) []resource {
	values, _ := r.At(path).([]any)
	var list []resource
	for _, value := range values {
		if object, ok := value.(map[string]any); ok {
			list = append(list, object)
		}
	}
	return list
}

// Strings returns the list of strings at a path, nil if there is none.
func (r resource) Strings(path string) []string {
	values, _ := r.At(path).([]any)
	var list []string
	for _, value := range values {
		if text, ok := value.(string); ok {
			list = append(list, text)
		}
	}
	return list
}

func lastSegment(path string) string { return path[strings.LastIndex(path, "/")+1:] }

var (
	outputOf = regexp.MustCompile(`^\[reference\(resourceId\(.*format\('(\w+)-\{0\}'.*\.outputs\.(?:principalId|quarantinePrincipalId)\.value\]$`)
	owner    = regexp.MustCompile(`reference\('[^']*/providers/[^'/]+/[^'/]+/([^'/]+)'`)
)

// principals maps the modules with an output for a principal id to the type of the resource with the identity,
// the first of that type.
var principals = map[string]string{
	"managedIdentity": "Microsoft.ManagedIdentity/userAssignedIdentities",
	"playbooks":       "Microsoft.Logic/workflows",
}

// principal returns the name of the resource whose identity a principal id belongs to. The id is known only
// during the deployment, so it is a reference to the resource or to the output of a module.
func (d deployment) principal(id string) string {
	if m := outputOf.FindStringSubmatch(id); m != nil {
		if found := d.Of(principals[m[1]]); len(found) > 0 {
			return found[0].Name()
		}
	}
	if m := owner.FindStringSubmatch(id); m != nil {
		return m[1]
	}
	return id
}
