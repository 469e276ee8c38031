package quarantine

import (
	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// Rule is what an alert that names a resource of a type holds.
type Rule struct {
	Scope func(id string) hold.Scope
	Modes []hold.Mode
}

// Mapped returns the mapping by the types of resources that it tells apart.
func Mapped() map[string]Rule {
	all := map[string]Rule{}
	for _, r := range mapping {
		if r.names != "" {
			all[r.names] = Rule{r.scope, r.modes}
		}
	}
	return all
}
