package checks

import (
	"regexp"
	"strings"
)

// made are the types of what modules tell the others about: the first that is deployed.
var made = map[string]string{
	"functions": "Microsoft.Web/sites",
	"identity":  "Microsoft.ManagedIdentity/userAssignedIdentities",
	"page":      "Microsoft.Web/staticSites",
	"playbooks": "Microsoft.Logic/workflows",
}

var (
	outputOf = regexp.MustCompile(`^\[reference\(resourceId\(.*format\('(\w+)-\{0\}'.*\.outputs\.(\w+)\.value\]$`)
	owner    = regexp.MustCompile(`reference\('[^']*/providers/[^'/]+/[^'/]+/([^'/]+)'`)
)

// named returns the name of the resource that a value is about: an id, an expression that refers to
// one, or the output of a module. Anything else comes back as it is.
func (d Deployment) named(value string) string {
	if m := outputOf.FindStringSubmatch(value); m != nil {
		if found := d.Of(made[m[1]]); len(found) > 0 {
			return found[0].Name()
		}
	}
	if m := owner.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	if strings.HasPrefix(value, "/subscriptions/") {
		return value[strings.LastIndex(value, "/")+1:]
	}
	return value
}
