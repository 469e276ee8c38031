package checks

import (
	"fmt"
	"slices"
	"strings"
)

// switches are the properties by which a type of resource is opened to the internet, with the
// values at which it is not.
var switches = []demand{
	{"Microsoft.Storage/storageAccounts", "properties.publicNetworkAccess", []any{"Disabled"}},
	{"Microsoft.KeyVault/vaults", "properties.publicNetworkAccess", []any{"Disabled"}},
	{"Microsoft.ServiceBus/namespaces", "properties.publicNetworkAccess", []any{"Disabled"}},
	{"Microsoft.Web/sites", "properties.publicNetworkAccess", []any{"Disabled"}},
	{"Microsoft.Web/staticSites", "properties.publicNetworkAccess", []any{"Disabled"}},
	{"Microsoft.OperationalInsights/workspaces", "properties.publicNetworkAccessForIngestion", []any{"Disabled"}},
	{"Microsoft.OperationalInsights/workspaces", "properties.publicNetworkAccessForQuery", []any{"Disabled"}},
	{"Microsoft.Insights/components", "properties.publicNetworkAccessForIngestion", []any{"Disabled"}},
	{"Microsoft.Insights/components", "properties.publicNetworkAccessForQuery", []any{"Disabled"}},
	{"Microsoft.Network/publicIPAddresses", "", nil},
	{"Microsoft.Cdn/profiles/afdEndpoints", "properties.enabledState", []any{"Disabled"}},
	{"Microsoft.Logic/workflows", "properties.state", []any{"Disabled"}},
}

// Exposed returns what the internet reaches, as "type: member", sorted and without repetition.
func (d Deployment) Exposed() []string {
	var exposed []string
	for _, s := range switches {
		for _, r := range d.Of(s.kind) {
			if s.open(r) {
				exposed = append(exposed, strings.TrimSpace(strings.TrimPrefix(s.kind, "Microsoft.")+" "+strings.TrimPrefix(s.path, "properties.")))
			}
		}
	}
	slices.Sort(exposed)
	return slices.Compact(exposed)
}

// open says whether a resource is opened by a switch.
func (s demand) open(r Resource) bool { return !slices.Contains(s.values, r.At(s.path)) }

// zoned are the properties by which a type of resource outlives a zone, with the values at which it does.
var zoned = []demand{
	{"Microsoft.Storage/storageAccounts", "sku.name", []any{"Standard_ZRS", "Standard_GZRS"}},
	{"Microsoft.Web/serverFarms", "properties.zoneRedundant", []any{true}},
	{"Microsoft.Network/azureFirewalls", "zones", nil},
	{"Microsoft.Network/publicIPAddresses", "zones", nil},
}

// Zonal returns what would be lost with one zone, as sentences. The rest of what is deployed is
// redundant by itself (Key Vault, Service Bus, Front Door, Monitor) in regions that have zones.
func (d Deployment) Zonal() []string {
	var findings []string
	for _, z := range zoned {
		for _, r := range d.Of(z.kind) {
			all, _ := r.At(z.path).([]any)
			if len(all) < 3 && !slices.Contains(z.values, r.At(z.path)) {
				findings = append(findings, fmt.Sprintf("%s has %s %v", r, z.path, r.At(z.path)))
			}
		}
	}
	return findings
}
