package quarantine

import (
	"slices"
	"strings"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// isOurs reports whether an id is that of a resource in the policy, of one within
// it, or of its resource group or subscription.
func (p *Policy) isOurs(id string) bool {
	return slices.ContainsFunc(p.Resources, func(text string) bool {
		ours := normalize(text)
		return ours != "" && (isWithin(id, ours) || isWithin(ours, id))
	})
}

// rule is the hold for an alert with a resource of a type.
type rule struct {
	names string // a type of resource; it includes the types below it
	scope func(id string) hold.Scope
	modes []hold.Mode
}

// mapping has the rules in their order: the first that fits a resource counts. docs/operations.md has the same table.
var mapping = []rule{
	{"microsoft.keyvault/vaults/keys", keyScope, blocked},
	{"microsoft.keyvault/vaults", everything, blocked},
	{"microsoft.storage/storageaccounts", everything, blocked},
	{"microsoft.web/sites", everything, blocked},
	{"subscriptions", everything, blocked},
	{"", everything, blocked}, // any other resource in the policy
}

var blocked = []hold.Mode{hold.BlockCreate, hold.BlockRead}

func everything(string) hold.Scope { return hold.Scope{Kind: hold.ScopeAll} }

// keyScope returns the scope of a key of a vault, or of one version of the key.
func keyScope(id string) hold.Scope {
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

// holdFor returns the narrowest scope that covers all resources of ours in an alert.
// A vault does not count beside one of its keys, because an alert about a key has
// both. Resources with different scopes give the scope of everything.
func (p *Policy) holdFor(ids []string) (rule, hold.Scope, error) {
	var ours []string
	for _, id := range ids {
		if p.isOurs(id) {
			ours = append(ours, id)
		}
	}
	if len(ours) == 0 {
		return rule{}, hold.Scope{}, &secret.InvalidError{Field: "resources", Reason: "none of those in the alert is ours"}
	}
	ours = slices.DeleteFunc(ours, func(id string) bool { return hasKeyOf(ours, id) })
	r := ruleFor(ours[0])
	scope := r.scope(ours[0])
	for _, id := range ours[1:] {
		if ruleFor(id).scope(id) != scope {
			return r, everything(""), nil
		}
	}
	return r, scope, nil
}

// hasKeyOf reports whether one of the ids is that of a key of the vault.
func hasKeyOf(ids []string, vault string) bool {
	return typeOf(vault) == "microsoft.keyvault/vaults" &&
		slices.ContainsFunc(ids, func(id string) bool { return isWithin(id, vault+"/keys") && id != vault+"/keys" })
}
