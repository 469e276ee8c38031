package checks

import "strings"

// A kind says of a type of resource whether it logs by diagnostic settings and whether it takes tags.
type kind struct{ logs, tagged bool }

// kinds holds every type that is deployed, so that a new one has to be thought about. What logs
// elsewhere is not marked: alerts and Application Insights lie in the workspace, what is inside of
// a resource logs with it.
var kinds = map[string]kind{
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

func kindOf(r Resource) (kind, bool) {
	for name, k := range kinds {
		if strings.EqualFold(name, r.Type()) {
			return k, true
		}
	}
	return kind{}, false
}
