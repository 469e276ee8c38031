package checks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A typeRule tells whether resources of a type have diagnostic settings and whether they have tags.
type typeRule struct{ logs, tagged bool }

// typeRules has every deployed type: a new one fails the tests until it is added here. Types whose logs are
// those of their parent, or are in the workspace already, have no diagnostic settings of their own.
var typeRules = map[string]typeRule{
	"Microsoft.Authorization/policyAssignments":                 {},
	"Microsoft.Authorization/policyDefinitions":                 {},
	"Microsoft.Authorization/policySetDefinitions":              {},
	"Microsoft.Authorization/roleAssignments":                   {},
	"Microsoft.Authorization/roleDefinitions":                   {},
	"Microsoft.Cdn/profiles":                                    {logs: true, tagged: true},
	"Microsoft.Cdn/profiles/afdEndpoints":                       {tagged: true},
	"Microsoft.Cdn/profiles/afdEndpoints/routes":                {},
	"Microsoft.Cdn/profiles/originGroups":                       {},
	"Microsoft.Cdn/profiles/originGroups/origins":               {},
	"Microsoft.Cdn/profiles/securityPolicies":                   {},
	"Microsoft.Consumption/budgets":                             {},
	"Microsoft.Insights/actionGroups":                           {tagged: true},
	"Microsoft.Insights/activityLogAlerts":                      {tagged: true},
	"Microsoft.Insights/components":                             {tagged: true},
	"Microsoft.Insights/diagnosticSettings":                     {},
	"Microsoft.Insights/metricAlerts":                           {tagged: true},
	"Microsoft.Insights/scheduledQueryRules":                    {tagged: true},
	"Microsoft.Insights/webtests":                               {tagged: true},
	"Microsoft.KeyVault/vaults":                                 {logs: true, tagged: true},
	"Microsoft.Logic/workflows":                                 {logs: true, tagged: true},
	"Microsoft.ManagedIdentity/userAssignedIdentities":          {tagged: true},
	"Microsoft.Network/FrontDoorWebApplicationFirewallPolicies": {tagged: true},
	"Microsoft.Network/azureFirewalls":                          {logs: true, tagged: true},
	"Microsoft.Network/firewallPolicies":                        {tagged: true},
	"Microsoft.Network/firewallPolicies/ruleCollectionGroups":   {},
	"Microsoft.Network/networkSecurityGroups":                   {logs: true, tagged: true},
	"Microsoft.Network/privateDnsZones":                         {tagged: true},
	"Microsoft.Network/privateDnsZones/virtualNetworkLinks":     {tagged: true},
	"Microsoft.Network/privateEndpoints":                        {tagged: true},
	"Microsoft.Network/privateEndpoints/privateDnsZoneGroups":   {},
	"Microsoft.Network/publicIPAddresses":                       {logs: true, tagged: true},
	"Microsoft.Network/routeTables":                             {tagged: true},
	"Microsoft.Network/virtualNetworks":                         {logs: true, tagged: true},
	"Microsoft.Network/virtualNetworks/subnets":                 {},
	"Microsoft.OperationalInsights/workspaces":                  {logs: true, tagged: true},
	"Microsoft.PolicyInsights/remediations":                     {},
	"Microsoft.Resources/resourceGroups":                        {tagged: true},
	"Microsoft.Security/automations":                            {tagged: true},
	"Microsoft.Security/pricings":                               {},
	"Microsoft.Security/securityContacts":                       {},
	"Microsoft.ServiceBus/namespaces":                           {logs: true, tagged: true},
	"Microsoft.ServiceBus/namespaces/queues":                    {},
	"Microsoft.ServiceBus/namespaces/topics":                    {},
	"Microsoft.Storage/storageAccounts":                         {tagged: true},
	"Microsoft.Storage/storageAccounts/blobServices":            {logs: true},
	"Microsoft.Storage/storageAccounts/blobServices/containers": {},
	"Microsoft.Storage/storageAccounts/tableServices":           {logs: true},
	"Microsoft.Storage/storageAccounts/tableServices/tables":    {},
	"Microsoft.Web/connections":                                 {tagged: true},
	"Microsoft.Web/serverfarms":                                 {tagged: true},
	"Microsoft.Web/sites":                                       {logs: true, tagged: true},
	"Microsoft.Web/sites/basicPublishingCredentialsPolicies":    {},
	"Microsoft.Web/sites/config":                                {},
	"Microsoft.Web/staticSites":                                 {tagged: true},
}

func ruleOf(r resource) (typeRule, bool) {
	for name, rule := range typeRules {
		if strings.EqualFold(name, r.Type()) {
			return rule, true
		}
	}
	return typeRule{}, false
}

// diagnostics reports resources of unknown types, and those whose logs reach no workspace.
func diagnostics(d deployment) []string {
	logged := map[string]bool{}
	for _, s := range d.Of("Microsoft.Insights/diagnosticSettings") {
		scope, _, _ := strings.Cut(s.ID(), "/providers/Microsoft.Insights/diagnosticSettings/")
		logged[strings.ToLower(scope)] = s.Text("properties.workspaceId") != "" && len(s.List("properties.logs")) > 0
	}
	var findings []string
	for _, r := range d.Resources {
		rule, known := ruleOf(r)
		if !known {
			findings = append(findings, fmt.Sprintf("%s: add its type to typeRules", r))
		}
		if rule.logs && !logged[strings.ToLower(r.ID())] {
			findings = append(findings, fmt.Sprintf("%s has no diagnostic settings for a workspace", r))
		}
	}
	return findings
}

func tags(d deployment) []string {
	var findings []string
	for _, r := range d.Resources {
		rule, _ := ruleOf(r)
		for _, tag := range []string{"app", "environment", "size"} {
			if rule.tagged && r.Text("tags."+tag) == "" {
				findings = append(findings, fmt.Sprintf("%s has no tag %s", r, tag))
			}
		}
	}
	return findings
}

// legalNames are Azure's naming rules, for the types with names that can become illegal here.
var legalNames = map[string]*regexp.Regexp{
	"Microsoft.Storage/storageAccounts":                         regexp.MustCompile(`^[a-z0-9]{3,24}$`),
	"Microsoft.KeyVault/vaults":                                 regexp.MustCompile(`^[A-Za-z](-?[A-Za-z0-9]){2,23}$`),
	"Microsoft.ServiceBus/namespaces":                           regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]$`),
	"Microsoft.Web/sites":                                       regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]$`),
	"Microsoft.Web/serverFarms":                                 regexp.MustCompile(`^[A-Za-z0-9-]{1,60}$`),
	"Microsoft.Cdn/profiles":                                    regexp.MustCompile(`^[A-Za-z0-9](-?[A-Za-z0-9]){0,259}$`),
	"Microsoft.Network/frontDoorWebApplicationFirewallPolicies": regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,127}$`),
	"Microsoft.OperationalInsights/workspaces":                  regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$`),
	"Microsoft.ManagedIdentity/userAssignedIdentities":          regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$`),
	"Microsoft.Resources/resourceGroups":                        regexp.MustCompile(`^[A-Za-z0-9._()-]{0,89}[A-Za-z0-9_()-]$`),
	"Microsoft.Logic/workflows":                                 regexp.MustCompile(`^[A-Za-z0-9._()-]{1,43}$`),
}

func names(d deployment) []string {
	var findings []string
	for _, kind := range slices.Sorted(maps.Keys(legalNames)) {
		for _, r := range d.Of(kind) {
			if !legalNames[kind].MatchString(r.Name()) {
				findings = append(findings, fmt.Sprintf("%s has an illegal name", r))
			}
		}
	}
	return findings
}

// A requirement is a property that every resource of a type must have, with the allowed values.
type requirement struct {
	kind, path string
	values     []any
}

var requirements = []requirement{
	{"Microsoft.Storage/storageAccounts", "properties.allowSharedKeyAccess", []any{false}},
	{"Microsoft.Storage/storageAccounts", "properties.allowBlobPublicAccess", []any{false}},
	{"Microsoft.Storage/storageAccounts", "properties.minimumTlsVersion", []any{"TLS1_2", "TLS1_3"}},
	{"Microsoft.Storage/storageAccounts", "properties.supportsHttpsTrafficOnly", []any{true}},
	{"Microsoft.Storage/storageAccounts", "sku.name", []any{"Standard_ZRS"}},
	{"Microsoft.KeyVault/vaults", "properties.enableRbacAuthorization", []any{true}},
	{"Microsoft.KeyVault/vaults", "properties.enablePurgeProtection", []any{true}},
	{"Microsoft.KeyVault/vaults", "properties.enableSoftDelete", []any{true}},
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

func hardening(d deployment) []string {
	var findings []string
	for _, q := range requirements {
		for _, r := range d.Of(q.kind) {
			if got := r.At(q.path); !slices.Contains(q.values, got) {
				findings = append(findings, fmt.Sprintf("%s has %s %v, not one of %v", r, q.path, got, q.values))
			}
		}
	}
	return findings
}

// regions reports locations that the policy allowed-regions would refuse.
func regions(d deployment) []string {
	allowed := []string{"", "global"}
	for _, r := range d.Of("Microsoft.Authorization/policyAssignments") {
		allowed = append(allowed, r.Strings("properties.parameters.allowedLocations.value")...)
	}
	var findings []string
	for _, r := range d.Resources {
		if !slices.Contains(allowed, r.Text("location")) {
			findings = append(findings, fmt.Sprintf("%s is in %s, not in %v", r, r.Text("location"), allowed))
		}
	}
	return findings
}

// zoneRedundancy are the properties that let a type of resource survive the loss of a zone. Key Vault,
// Service Bus, Front Door and Azure Monitor are redundant by themselves in regions with zones.
var zoneRedundancy = []requirement{
	{"Microsoft.Storage/storageAccounts", "sku.name", []any{"Standard_ZRS", "Standard_GZRS"}},
	{"Microsoft.Web/serverFarms", "properties.zoneRedundant", []any{true}},
	{"Microsoft.Network/azureFirewalls", "zones", nil},
	{"Microsoft.Network/publicIPAddresses", "zones", nil},
}

func zones(d deployment) []string {
	var findings []string
	for _, q := range zoneRedundancy {
		for _, r := range d.Of(q.kind) {
			if got := r.At(q.path); len(r.Strings(q.path)) < 3 && !slices.Contains(q.values, got) {
				findings = append(findings, fmt.Sprintf("%s is lost with one zone: %s is %v", r, q.path, got))
			}
		}
	}
	return findings
}

// roleActions are the actions of our own roles. infra/modules/watch/alertMarkerRole.bicep has the reason for
// the wildcard.
var roleActions = []string{
	"Microsoft.KeyVault/vaults/keys/read",
	"Microsoft.KeyVault/vaults/keys/create/action",
	"Microsoft.KeyVault/vaults/keys/update/action",
	"Microsoft.KeyVault/vaults/keys/delete",
	"Microsoft.KeyVault/vaults/keys/unwrap/action",
	"Microsoft.Security/locations/alerts/*/action",
}

// roles reports actions of our own roles that are not in roleActions.
func roles(d deployment) []string {
	var findings []string
	for _, r := range d.Of("Microsoft.Authorization/roleDefinitions") {
		for _, p := range r.List("properties.permissions") {
			for _, action := range append(p.Strings("actions"), p.Strings("dataActions")...) {
				if !slices.Contains(roleActions, action) {
					findings = append(findings, fmt.Sprintf("%s allows %s", r, action))
				}
			}
		}
	}
	return findings
}
