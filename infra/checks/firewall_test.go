package checks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// waf reports a web application firewall that only detects, or has old managed rules, excludes anything but
// our encodings, lacks a rate limit, or is missing in front of Front Door.
func waf(d deployment) []string {
	var findings []string
	policies := d.Of("Microsoft.Network/frontDoorWebApplicationFirewallPolicies")
	for _, r := range policies {
		if mode := r.Text("properties.policySettings.mode"); mode != "Prevention" {
			findings = append(findings, fmt.Sprintf("%s is in mode %s", r, mode))
		}
		if r.Text("properties.policySettings.enabledState") != "Enabled" {
			findings = append(findings, fmt.Sprintf("%s is not enabled", r))
		}
		findings = append(findings, managedRules(r)...)
		findings = append(findings, rateLimits(r)...)
	}
	if len(d.Of("Microsoft.Cdn/profiles")) > 0 && (len(policies) == 0 || len(d.Of("Microsoft.Cdn/profiles/securityPolicies")) == 0) {
		findings = append(findings, "Front Door has no firewall policy")
	}
	return findings
}

// encodings are the headers and JSON members with base64url values, which the rules would take for attacks.
// Nothing else is excluded from inspection.
var encodings = []string{
	"envelope", "access_hash", "claim_hash", "manage_hash",
	"Secret-Access", "Secret-Claim", "Secret-Manage", "Secret-Create", "Secret-Admin", "Idempotency-Key",
}

func managedRules(r resource) []string {
	var findings, sets []string
	for _, set := range r.List("properties.managedRules.managedRuleSets") {
		sets = append(sets, set.Text("ruleSetType")+" "+set.Text("ruleSetVersion"))
		var excluded []string
		for _, e := range set.List("exclusions") {
			if e.Text("selectorMatchOperator") != "Equals" || !slices.Contains(encodings, e.Text("selector")) {
				findings = append(findings, fmt.Sprintf("%s does not inspect %s %s", r, e.Text("matchVariable"), e.Text("selector")))
			}
			excluded = append(excluded, e.Text("selector"))
		}
		for _, encoding := range encodings {
			if set.Text("ruleSetType") == "Microsoft_DefaultRuleSet" && !slices.Contains(excluded, encoding) {
				findings = append(findings, fmt.Sprintf("%s inspects %s, which holds base64url", r, encoding))
			}
		}
	}
	for _, want := range []string{"Microsoft_DefaultRuleSet 2.2", "Microsoft_BotManagerRuleSet 1.1"} {
		if !slices.Contains(sets, want) {
			findings = append(findings, fmt.Sprintf("%s lacks %s", r, want))
		}
	}
	return findings
}

// rateLimits reports missing limits on the calls that create rows or try passphrases.
func rateLimits(r resource) []string {
	var patterns []string
	for _, rule := range r.List("properties.customRules.rules") {
		if rule.Text("ruleType") != "RateLimitRule" || rule.Text("action") != "Block" || rule.Text("enabledState") == "Disabled" {
			continue
		}
		for _, condition := range rule.List("matchConditions") {
			patterns = append(patterns, condition.Strings("matchValue")...)
		}
	}
	var findings []string
	for _, path := range []string{"/api/secrets", "/api/secrets/00000000000000000000000000000000/read"} {
		if !slices.ContainsFunc(patterns, func(pattern string) bool {
			expression, err := regexp.Compile(pattern)
			return err == nil && expression.MatchString(path)
		}) {
			findings = append(findings, fmt.Sprintf("%s has no rate limit for %s", r, path))
		}
	}
	return findings
}

var everywhere = []string{"*", "Internet", "0.0.0.0/0", "::/0", "Any"}

// allowedHosts are the hosts that may be called through the firewall. The service: Entra, telemetry, the
// extensions of the Functions host, Service Bus. A package deployment: Entra, Resource Manager, a container
// image, the host of the package.
var allowedHosts = regexp.MustCompile(`^(` + strings.Join([]string{
	`\[split\(environment\(\)\.(authentication\.loginEndpoint|resourceManager), '/'\)\[2\]\]`,
	`\*\.in\.applicationinsights\.azure\.com`, `\*\.livediagnostics\.monitor\.azure\.com`,
	`cdn\.functions\.azure\.com`, `sb-[a-z0-9-]+\.servicebus\.windows\.net`,
	`(\*\.data\.)?mcr\.microsoft\.com`, `github\.com`, `release-assets\.githubusercontent\.com`,
}, "|") + `)$`)

// firewall reports rules of the Azure Firewall with a wildcard or a host that is not allowed, and network
// security rules that admit the internet.
func firewall(d deployment) []string {
	var findings []string
	for _, group := range d.Of("Microsoft.Network/firewallPolicies/ruleCollectionGroups") {
		for _, collection := range group.List("properties.ruleCollections") {
			if collection.Text("action.type") != "Allow" {
				continue
			}
			for _, rule := range collection.List("rules") {
				findings = append(findings, egressRule(group, rule)...)
			}
		}
	}
	for _, group := range d.Of("Microsoft.Network/networkSecurityGroups") {
		for _, rule := range group.List("properties.securityRules") {
			sources := append(rule.Strings("properties.sourceAddressPrefixes"), rule.Text("properties.sourceAddressPrefix"))
			inbound := rule.Text("properties.access") == "Allow" && rule.Text("properties.direction") == "Inbound"
			if inbound && slices.ContainsFunc(sources, func(s string) bool { return slices.Contains(everywhere, s) }) {
				findings = append(findings, fmt.Sprintf("%s: rule %s admits %v", group, rule.Text("name"), sources))
			}
		}
	}
	return findings
}

func egressRule(group, rule resource) []string {
	var findings []string
	for _, member := range []string{"sourceAddresses", "destinationAddresses", "destinationPorts", "targetFqdns", "destinationFqdns"} {
		for _, value := range rule.Strings(member) {
			host := member == "targetFqdns" || member == "destinationFqdns"
			if slices.Contains(everywhere, value) || host && !allowedHosts.MatchString(value) {
				findings = append(findings, fmt.Sprintf("%s: rule %s allows %s %s", group, rule.Text("name"), member, value))
			}
		}
	}
	return findings
}
