package checks

import (
	"fmt"
	"slices"
)

// A demand is one property that every resource of a type must have, at one of these values.
type demand struct {
	kind, path string
	values     []any
}

var demands = []demand{
	{"Microsoft.Storage/storageAccounts", "properties.allowSharedKeyAccess", []any{false}},
	{"Microsoft.Storage/storageAccounts", "properties.allowBlobPublicAccess", []any{false}},
	{"Microsoft.Storage/storageAccounts", "properties.minimumTlsVersion", []any{"TLS1_2", "TLS1_3"}},
	{"Microsoft.Storage/storageAccounts", "properties.supportsHttpsTrafficOnly", []any{true}},
	{"Microsoft.Storage/storageAccounts", "sku.name", []any{"Standard_ZRS"}},
	{"Microsoft.KeyVault/vaults", "properties.enableRbacAuthorization", []any{true}},
	{"Microsoft.KeyVault/vaults", "properties.enablePurgeProtection", []any{true}},
	{"Microsoft.ServiceBus/namespaces", "properties.disableLocalAuth", []any{true}},
	{"Microsoft.ServiceBus/namespaces", "properties.minimumTlsVersion", []any{"1.2", "1.3"}},
	{"Microsoft.Web/sites", "properties.httpsOnly", []any{true}},
	{"Microsoft.Web/sites", "properties.siteConfig.minTlsVersion", []any{"1.3"}},
	{"Microsoft.Web/sites", "properties.siteConfig.scmMinTlsVersion", []any{"1.3"}},
	{"Microsoft.Web/sites/basicPublishingCredentialsPolicies", "properties.allow", []any{false}},
	{"Microsoft.Network/firewallPolicies", "properties.threatIntelMode", []any{"Deny"}},
	{"Microsoft.Insights/components", "properties.DisableLocalAuth", []any{true}},
	{"Microsoft.OperationalInsights/workspaces", "properties.features.disableLocalAuth", []any{true}},
	{"Microsoft.Network/virtualNetworks/subnets", "properties.defaultOutboundAccess", []any{false}},
}

// hardening looks for the properties that a resource of a type must have.
func hardening(d Deployment) []string {
	var findings []string
	for _, demand := range demands {
		for _, r := range d.Of(demand.kind) {
			if got := r.At(demand.path); !slices.Contains(demand.values, got) {
				findings = append(findings, fmt.Sprintf("%s has %s %v, not %v", r, demand.path, got, demand.values))
			}
		}
	}
	return findings
}

// granted are the actions of our roles, each needed by what holds the role. The one that names more than one
// has a reason: infra/modules/marker.bicep tells it, and takes out again all that has a name.
var granted = []string{
	"Microsoft.KeyVault/vaults/keys/read",
	"Microsoft.KeyVault/vaults/keys/create/action",
	"Microsoft.KeyVault/vaults/keys/update/action",
	"Microsoft.KeyVault/vaults/keys/delete",
	"Microsoft.KeyVault/vaults/keys/unwrap/action",
	"Microsoft.Security/locations/alerts/*/action",
}

// roles refuses role definitions of ours that allow more than is needed.
func roles(d Deployment) []string {
	var findings []string
	for _, r := range d.Of("Microsoft.Authorization/roleDefinitions") {
		for _, p := range r.List("properties.permissions") {
			for _, list := range []string{"actions", "dataActions"} {
				actions, _ := p[list].([]any)
				for _, action := range actions {
					if text, _ := action.(string); !slices.Contains(granted, text) {
						findings = append(findings, fmt.Sprintf("%s allows %s", r, text))
					}
				}
			}
		}
	}
	return findings
}
