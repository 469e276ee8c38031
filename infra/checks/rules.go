package checks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A Rule is one question; Findings answers it with a sentence for each resource that fails.
type Rule struct {
	Name     string
	Findings func(Deployment) []string
}

// Rules are all questions that are asked of both sizes. Access and exposure, which differ by
// size, are compared with the tables of docs/access.md.
var Rules = []Rule{
	{"diagnostics", diagnostics},
	{"tags", tags},
	{"names", names},
	{"hardening", hardening},
	{"roles", roles},
	{"firewall", firewall},
	{"edge", edge},
}

// Findings returns what all rules have to say, sorted, each sentence with its rule's name first.
func (d Deployment) Findings() []string {
	var all []string
	for _, rule := range Rules {
		for _, finding := range rule.Findings(d) {
			all = append(all, rule.Name+": "+finding)
		}
	}
	slices.Sort(all)
	return all
}

func diagnostics(d Deployment) []string {
	logged := map[string]bool{}
	for _, s := range d.Of("Microsoft.Insights/diagnosticSettings") {
		scope, _, _ := strings.Cut(s.ID(), "/providers/Microsoft.Insights/diagnosticSettings/")
		logged[strings.ToLower(scope)] = s.Text("properties.workspaceId") != "" && len(s.List("properties.logs")) > 0
	}
	var findings []string
	for _, r := range d.Resources {
		kind, known := kindOf(r)
		if !known {
			findings = append(findings, fmt.Sprintf("%s is of a type that stands in no list of what logs and is tagged", r))
		}
		if kind.logs && !logged[strings.ToLower(r.ID())] {
			findings = append(findings, fmt.Sprintf("%s sends its logs to no workspace", r))
		}
	}
	return findings
}

func tags(d Deployment) []string {
	var findings []string
	for _, r := range d.Resources {
		kind, _ := kindOf(r)
		for _, tag := range []string{"app", "environment", "size"} {
			if kind.tagged && r.Text("tags."+tag) == "" {
				findings = append(findings, fmt.Sprintf("%s has no tag %s", r, tag))
			}
		}
	}
	return findings
}

// legal are the names that Azure takes, by the naming rules of Resource Manager.
var legal = map[string]*regexp.Regexp{
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

func names(d Deployment) []string {
	var findings []string
	for _, kind := range slices.Sorted(maps.Keys(legal)) {
		for _, r := range d.Of(kind) {
			if !legal[kind].MatchString(r.Name()) {
				findings = append(findings, fmt.Sprintf("%s has a name that Azure refuses", r))
			}
		}
	}
	return findings
}
