package quarantine

import (
	"slices"
	"strings"
	"unicode"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// named returns the ARM ids that an alert names, in its list of resources, in
// members of its own, and in its entities at any depth.
func named(doc document, refs references) ([]string, error) {
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
	found.within(doc["entities"], refs, map[string]bool{})
	return found, nil
}

// resources is a set of ARM ids, in the order in which they were found.
type resources []string

// add adds what is an ARM id, and nothing else: an entity's name may be any text.
func (r *resources) add(text string) {
	if id := normal(text); id != "" && !slices.Contains(*r, id) {
		*r = append(*r, id)
	}
}

// within adds what the entities name. seen holds the references that were followed, which may lead in circles.
func (r *resources) within(value any, refs references, seen map[string]bool) {
	switch value := value.(type) {
	case []any:
		for _, inner := range value {
			r.within(inner, refs, seen)
		}
	case document:
		if ref, is := value["$ref"].(string); is && !seen[ref] {
			seen[ref] = true
			r.within(refs[ref], refs, seen)
		}
		for name, inner := range value {
			if text, is := inner.(string); is && (name == "resourceid" || name == "azureresourceid" || name == "azureid") {
				r.add(text)
			} else {
				r.within(inner, refs, seen)
			}
		}
	}
}

// normal returns an ARM id in the one form in which ids are compared, or "" for anything else.
func normal(text string) string {
	id := strings.ToLower(strings.TrimSuffix(text, "/"))
	parts := strings.Split(id, "/")
	if len(id) > maxMember || len(parts) < 3 || parts[0] != "" || parts[1] != "subscriptions" {
		return ""
	}
	for _, part := range parts[1:] {
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, odd) {
			return ""
		}
	}
	return id
}

func odd(c rune) bool { return unicode.IsControl(c) || strings.ContainsRune(`%?#\<>&`, c) }

// typeOf returns a resource's type, such as microsoft.keyvault/vaults/keys; for
// what stands around resources, subscriptions or subscriptions/resourcegroups.
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

// isOurs reports whether an id names one of our resources, something within one, or
// what is around one: its resource group or its subscription.
func (p *Policy) isOurs(id string) bool {
	return slices.ContainsFunc(p.Resources, func(text string) bool {
		ours := normal(text)
		return ours != "" && (isWithin(id, ours) || isWithin(ours, id))
	})
}

// rule says what is held when an alert names a resource of ours.
type rule struct {
	names string // a type of resources; types below it count, too
	scope func(id string) hold.Scope
	modes []hold.Mode
}

// The first rule that fits a resource counts. docs/operations.md has the same table.
var mapping = []rule{
	{"microsoft.keyvault/vaults/keys", key, blocked},
	{"microsoft.keyvault/vaults", everything, blocked},
	{"microsoft.storage/storageaccounts", everything, blocked},
	{"microsoft.web/sites", everything, blocked},
	{"subscriptions", everything, blocked},
	{"", everything, blocked}, // whatever else SSS_RESOURCES lists
}

var blocked = []hold.Mode{hold.BlockCreate, hold.BlockRead}

func everything(string) hold.Scope { return hold.Scope{Kind: hold.ScopeAll} }

// key returns the scope of a key of a vault, or of one version of it.
func key(id string) hold.Scope {
	_, rest, _ := strings.Cut(id, "/vaults/")
	parts := strings.Split(rest, "/") // vault, keys, name, versions, version
	s := hold.Scope{Kind: hold.ScopeKey}
	if len(parts) > 2 {
		s.Name = parts[2]
	}
	if len(parts) > 4 && parts[3] == "versions" {
		s.Version = parts[4]
	}
	if s.Check() != nil {
		return everything(id)
	}
	return s
}

func ruleFor(id string) rule {
	t := typeOf(id)
	return mapping[slices.IndexFunc(mapping, func(r rule) bool { return r.names == "" || isWithin(t, r.names) })]
}

// holdFor returns the narrowest scope that surely covers what an alert names of
// ours. An alert names the vault besides the key that it is about; where several
// things are named that differ in scope, it is everything.
func (p *Policy) holdFor(ids []string) (rule, hold.Scope, error) {
	var ours []string
	for _, id := range ids {
		if p.isOurs(id) {
			ours = append(ours, id)
		}
	}
	if len(ours) == 0 {
		return rule{}, hold.Scope{}, &secret.InvalidError{Field: "resources", Reason: "none of those that the alert names is ours"}
	}
	ours = slices.DeleteFunc(ours, func(id string) bool { return namesKeyOf(ours, id) })
	r := ruleFor(ours[0])
	scope := r.scope(ours[0])
	for _, id := range ours[1:] {
		if ruleFor(id).scope(id) != scope {
			return r, everything(""), nil
		}
	}
	return r, scope, nil
}

// namesKeyOf reports whether ids name a key of the vault.
func namesKeyOf(ids []string, vault string) bool {
	return typeOf(vault) == "microsoft.keyvault/vaults" &&
		slices.ContainsFunc(ids, func(id string) bool { return isWithin(id, vault+"/keys") && id != vault+"/keys" })
}
