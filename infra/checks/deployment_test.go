// Package checks asks of a predicted deployment what a reviewer would: who may do
// what, what is public, what logs, what is tagged, what survives the loss of a zone,
// whether names are legal, and whether the settings are the handler's own.
//
// It reads the files that `bicep snapshot` writes, so that nothing has to be deployed.
package checks

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// A Deployment is what one set of parameters would create, as the compiler predicts it.
type Deployment struct {
	Resources []Resource `json:"predictedResources"`
}

// A Resource is one predicted resource with its properties, as Resource Manager is sent them.
// Values that are only known once others are deployed are expressions in brackets.
type Resource map[string]any

// Load reads a file that `bicep snapshot` wrote.
func Load(path string) (Deployment, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a file of this repository
	if err != nil {
		return Deployment{}, fmt.Errorf("read snapshot: %w", err)
	}
	var d Deployment
	if err := json.Unmarshal(text, &d); err != nil {
		return Deployment{}, fmt.Errorf("decode snapshot %s: %w", path, err)
	}
	return d, nil
}

// Of returns the resources of a type, such as Microsoft.KeyVault/vaults.
func (d Deployment) Of(kind string) []Resource {
	var found []Resource
	for _, r := range d.Resources {
		if strings.EqualFold(r.Type(), kind) {
			found = append(found, r)
		}
	}
	return found
}

// Type returns the type of the resource.
func (r Resource) Type() string { return r.Text("type") }

// ID returns the resource's whole id.
func (r Resource) ID() string { return r.Text("id") }

// Name returns the last segment of the resource's name.
func (r Resource) Name() string {
	parts := strings.Split(r.Text("name"), "/")
	return parts[len(parts)-1]
}

// String names the resource in a finding: its type and name.
func (r Resource) String() string { return r.Type() + " " + r.Text("name") }

// At returns the value at a path of members parted by dots, nil where there is none.
func (r Resource) At(path string) any {
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

// Text returns the text at a path, "" where there is none.
func (r Resource) Text(path string) string {
	text, _ := r.At(path).(string)
	return text
}

// List returns the list of objects at a path, nil where there is none.
func (r Resource) List(path string) []Resource {
	values, _ := r.At(path).([]any)
	var list []Resource
	for _, value := range values {
		if object, ok := value.(map[string]any); ok {
			list = append(list, object)
		}
	}
	return list
}
