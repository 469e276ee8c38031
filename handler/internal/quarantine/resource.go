package quarantine

import (
	"regexp"
	"slices"
	"strings"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// resourcesOf returns the ARM ids in an alert: in its list of resources, in two of
// its members, and in its entities at any depth.
func resourcesOf(doc document, refs references) ([]string, error) {
	var found resources
	identifiers, err := doc.list("resourceIdentifiers")
	if err != nil {
		return nil, err
	}
	for _, item := range identifiers {
		id, err := refs.resolve(item).text("azureResourceId")
		if err != nil {
			return nil, err
		}
		found.add(id)
	}
	for _, name := range []string{"azureResourceId", "compromisedEntity"} {
		id, err := doc.text(name)
		if err != nil {
			return nil, err
		}
		found.add(id)
	}
	found.addWithin(doc["entities"], refs, map[string]bool{})
	return found, nil
}

// resources is a set of ARM ids, in the order in which they were found.
type resources []string

// add adds a text that is an ARM id, and ignores any other: the name of an entity may be any text.
func (r *resources) add(text string) {
	if id := normalize(text); id != "" && !slices.Contains(*r, id) {
		*r = append(*r, id)
	}
}

// addWithin adds the ids in entities. seen has the references that were followed, since they may form a cycle.
func (r *resources) addWithin(value any, refs references, seen map[string]bool) {
	switch value := value.(type) {
	case []any:
		for _, inner := range value {
			r.addWithin(inner, refs, seen)
		}
	case document:
		if ref, is := value["$ref"].(string); is && !seen[ref] {
			seen[ref] = true
			r.addWithin(refs[ref], refs, seen)
		}
		for name, inner := range value {
			if text, is := inner.(string); is && (name == "resourceid" || name == "azureresourceid" || name == "azureid") {
				r.add(text)
			} else {
				r.addWithin(inner, refs, seen)
			}
		}
	}
}

// armID is the form of an ARM id. It does not exclude the path elements "." and "..".
var armID = regexp.MustCompile(`^/subscriptions(/[^/%?#\\<>&\p{Cc}]+)+$`)

// normalize returns an ARM id in the form in which ids are compared, or "" for any other text.
func normalize(text string) string {
	id := strings.ToLower(strings.TrimSuffix(text, "/"))
	if len(id) > maxMember || !armID.MatchString(id) || strings.Contains(id+"/", "/./") || strings.Contains(id+"/", "/../") {
		return ""
	}
	return id
}

// typeOf returns the type of a resource, such as microsoft.keyvault/vaults/keys, or
// subscriptions or subscriptions/resourcegroups.
func typeOf(id string) string {
	parts := strings.Split(id, "/")[1:]
	name, start := "", 0
	for i, part := range parts {
		if part == "providers" && i%2 == 0 && i+1 < len(parts) {
			name, start = parts[i+1], i+2
		}
	}
	for i := start; i < len(parts); i += 2 {
		name += "/" + parts[i]
	}
	return strings.TrimPrefix(name, "/")
}

// isWithin reports whether a resource is the other one or lies within it.
func isWithin(id, other string) bool { return id == other || strings.HasPrefix(id, other+"/") }

// isOurs reports whether an id is that of a resource in the policy, of one within
// it, or of its resource group or subscription.
func (p *Policy) isOurs(id string) bool {
	return slices.ContainsFunc(p.Resources, func(text string) bool {
		ours := normalize(text)
		return ours != "" && (isWithin(id, ours) || isWithin(ours, id))
	})
}

// scopeOf returns the narrowest scope that covers all our resources in an alert. A
// vault does not count if one of its keys is among them, because an alert about a
// key names both. If the resources have different scopes, the scope is everything.
func (p *Policy) scopeOf(ids []string) (hold.Scope, error) {
	var ours []string
	for _, id := range ids {
		if p.isOurs(id) {
			ours = append(ours, id)
		}
	}
	if len(ours) == 0 {
		return hold.Scope{}, &secret.InvalidError{Field: "resources", Reason: "must include one that SSS_RESOURCES names"}
	}
	ours = slices.DeleteFunc(ours, func(id string) bool { return hasKeyOf(ours, id) })
	scope := scopeOfOne(ours[0])
	for _, id := range ours[1:] {
		if scopeOfOne(id) != scope {
			return hold.Scope{Kind: hold.ScopeAll}, nil
		}
	}
	return scope, nil
}

// scopeOfOne returns the scope of a key of a vault, or of one version of the key,
// and that of everything for any other resource. docs/operations.md has a table.
func scopeOfOne(id string) hold.Scope {
	_, rest, _ := strings.Cut(id, "/vaults/")
	parts := strings.Split(rest, "/") // vault, keys, name, versions, version
	s := hold.Scope{Kind: hold.ScopeKey}
	if len(parts) > 2 {
		s.Name = parts[2]
	}
	if len(parts) > 4 && parts[3] == "versions" {
		s.Version = parts[4]
	}
	if !isWithin(typeOf(id), keyType) || s.Check() != nil {
		return hold.Scope{Kind: hold.ScopeAll}
	}
	return s
}

const (
	vaultType = "microsoft.keyvault/vaults"
	keyType   = vaultType + "/keys"
)

// hasKeyOf reports whether one of the ids is that of a key of the vault.
func hasKeyOf(ids []string, vault string) bool {
	return typeOf(vault) == vaultType &&
		slices.ContainsFunc(ids, func(id string) bool { return isWithin(id, vault+"/keys") && id != vault+"/keys" })
}
