package quarantine

import "github.com/secretsharer/secretsharer/handler/internal/hold"

// The limits of alerts and reasons.
const (
	MaxDepth  = maxDepth
	MaxReason = maxReason
)

// ParseAlert is what Alert does first.
var ParseAlert = parseAlert

// Rule is the hold for a type of resources.
type Rule struct {
	Scope func(id string) hold.Scope
	Modes []hold.Mode
}

// Mapped returns the rules by type of resource.
func Mapped() map[string]Rule {
	all := map[string]Rule{}
	for _, r := range mapping {
		if r.names != "" {
			all[r.names] = Rule{r.scope, r.modes}
		}
	}
	return all
}
