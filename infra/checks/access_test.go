package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// builtInRoles are the assigned roles of Azure by id, which is the same in every tenant.
var builtInRoles = map[string]string{
	"b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
	"0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
	"4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0": "Azure Service Bus Data Receiver",
	"69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": "Azure Service Bus Data Sender",
	"3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
	"92aaf0da-9dab-42b6-94a3-d43ce8d16293": "Log Analytics Contributor",
	"de139f84-1756-47ae-9be6-808fbbe84772": "Website Contributor",
}

// accessTables returns the tables of docs/access.md for a size: the role assignments, and what is reachable
// from the internet.
func accessTables(d deployment, size string) map[string]string {
	var assignments []string
	for _, r := range d.Of("Microsoft.Authorization/roleAssignments") {
		scope, _, _ := strings.Cut(r.ID(), "/providers/Microsoft.Authorization/roleAssignments/")
		assignments = append(assignments, fmt.Sprintf("| `%s` | %s | %s |",
			d.principal(r.Text("properties.principalId")), d.role(r.Text("properties.roleDefinitionId")), d.scope(scope)))
	}
	slices.Sort(assignments)
	var exposed []string
	for _, e := range d.exposed() {
		exposed = append(exposed, fmt.Sprintf("| `%s` | %s |", e, reasons[size][e]))
	}
	return map[string]string{
		size + " roles":    strings.Join(append([]string{"| identity | role | scope |", "|---|---|---|"}, assignments...), "\n"),
		size + " exposure": strings.Join(append([]string{"| reachable from the internet | why |", "|---|---|"}, exposed...), "\n"),
	}
}

// role returns the name of a role, or its id if it is unknown.
func (d deployment) role(id string) string {
	id = lastSegment(id)
	for _, r := range d.Of("Microsoft.Authorization/roleDefinitions") {
		if r.Name() == id {
			return r.Text("properties.roleName") + " (ours)"
		}
	}
	if name, ok := builtInRoles[id]; ok {
		return name
	}
	return "role " + id
}

// scope returns the type and name of the resource with an id.
func (d deployment) scope(id string) string {
	if strings.Count(id, "/") == 2 {
		return "the subscription"
	}
	for _, r := range d.Resources {
		if strings.EqualFold(r.ID(), id) {
			return fmt.Sprintf("%s `%s`", strings.TrimPrefix(r.Type(), "Microsoft."), r.Text("name"))
		}
	}
	return "`" + id + "`"
}

// closed are the properties that open a type of resource to the internet, with the values that close it.
var closed = []requirement{
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

// exposed returns what is reachable from the internet, as "type property".
func (d deployment) exposed() []string {
	var exposed []string
	for _, q := range closed {
		for _, r := range d.Of(q.kind) {
			if !slices.Contains(q.values, r.At(q.path)) {
				exposed = append(exposed, strings.TrimSpace(strings.TrimPrefix(q.kind, "Microsoft.")+" "+strings.TrimPrefix(q.path, "properties.")))
			}
		}
	}
	slices.Sort(exposed)
	return slices.Compact(exposed)
}

// reasons has everything that may be reached from the internet in each size, and why.
var reasons = map[string]map[string]string{
	"lean": {
		"Insights/components publicNetworkAccessForIngestion":            noNetwork,
		"Insights/components publicNetworkAccessForQuery":                noNetwork,
		"KeyVault/vaults publicNetworkAccess":                            noNetwork,
		"OperationalInsights/workspaces publicNetworkAccessForIngestion": noNetwork,
		"OperationalInsights/workspaces publicNetworkAccessForQuery":     noNetwork,
		"Storage/storageAccounts publicNetworkAccess":                    noNetwork,
		"Web/sites publicNetworkAccess":                                  "The API. Every call needs a proof.",
		"Web/staticSites publicNetworkAccess":                            "The page: static files, the same for everybody.",
	},
	"hardened": {
		"Cdn/profiles/afdEndpoints enabledState":                         "Front Door, the only entrance, behind the web application firewall.",
		"Insights/components publicNetworkAccessForIngestion":            telemetry,
		"Insights/components publicNetworkAccessForQuery":                telemetry,
		"Logic/workflows state":                                          "Defender calls the playbooks by a signed URL. A person needs an Entra token with one of the listed object ids.",
		"Network/publicIPAddresses":                                      "The firewall's address for outbound calls. Nothing is admitted.",
		"OperationalInsights/workspaces publicNetworkAccessForIngestion": telemetry,
		"OperationalInsights/workspaces publicNetworkAccessForQuery":     telemetry,
		"ServiceBus/namespaces publicNetworkAccess":                      "The Standard tier has no private endpoints. Only identities with a role are admitted; keys are disabled. `busTier = 'Premium'` closes it.",
		"Web/staticSites publicNetworkAccess":                            "The page: static files, the same for everybody. Its configuration refuses requests that bypass this Front Door.",
	},
}

const (
	noNetwork = "A private network would cost more than the service. Only identities with a role are admitted; keys are disabled."
	telemetry = "Only identities with a role send and query; keys are disabled. A private link scope would take over the name resolution of every network that it is linked to."
)

const accessPage = "../../docs/access.md"

// review returns everything that is wrong with the snapshot of a size.
func review(t *testing.T, folder, size string) []string {
	t.Helper()
	d := load(t, folder, size)
	rules := map[string]func(deployment) []string{
		"diagnostics": diagnostics, "tags": tags, "names": names, "hardening": hardening, "roles": roles, "waf": waf, "firewall": firewall, "regions": regions,
		"settings": func(d deployment) []string { return settings(t, d) },
	}
	if size == "hardened" {
		rules["zones"] = zones
	}
	var findings []string
	for name, rule := range rules {
		for _, finding := range rule(d) {
			findings = append(findings, name+": "+finding)
		}
	}
	for _, e := range d.exposed() {
		if reasons[size][e] == "" {
			findings = append(findings, "exposure: the internet reaches "+e+", and reasons has no entry for it")
		}
	}
	for _, r := range d.Of("Microsoft.Authorization/roleAssignments") {
		if name := d.principal(r.Text("properties.principalId")); strings.HasPrefix(name, "[") {
			findings = append(findings, "access: no resource has the identity "+name)
		}
	}
	for _, difference := range outdated(t, accessPage, accessTables(d, size)) {
		findings = append(findings, "access: "+difference)
	}
	slices.Sort(findings)
	return findings
}

// Both sizes pass the review, and docs/access.md lists their roles and public endpoints.
func TestBothSizesPassTheReview(t *testing.T) {
	for _, size := range sizes {
		if *update {
			rewrite(t, accessPage, accessTables(load(t, "..", size), size))
		}
		for _, finding := range review(t, "..", size) {
			t.Errorf("%s: %s", size, finding)
		}
	}
}

// A rule about a type that is not deployed would pass for ever.
func TestEveryRuleAppliesToAResource(t *testing.T) {
	lean, hardened := load(t, "..", "lean"), load(t, "..", "hardened")
	for _, q := range slices.Concat(requirements, closed, zoneRedundancy) {
		if len(hardened.Of(q.kind)) == 0 {
			t.Errorf("no %s is deployed; %s is never checked", q.kind, q.path)
		}
	}
	for kind := range typeRules {
		if len(hardened.Of(kind)) == 0 && len(lean.Of(kind)) == 0 {
			t.Errorf("no %s is deployed", kind)
		}
	}
}
