package checks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// edge holds the web application firewall to its purpose: it stops, with the managed rules,
// limits what makes rows and what tries passphrases, and stands before every route.
func edge(d Deployment) []string {
	var findings []string
	policies := d.Of("Microsoft.Network/frontDoorWebApplicationFirewallPolicies")
	for _, r := range policies {
		if mode := r.Text("properties.policySettings.mode"); mode != "Prevention" {
			findings = append(findings, fmt.Sprintf("%s is in mode %s", r, mode))
		}
		if r.Text("properties.policySettings.enabledState") != "Enabled" {
			findings = append(findings, fmt.Sprintf("%s is not enabled", r))
		}
		findings = append(findings, managed(r)...)
		findings = append(findings, limited(r)...)
	}
	if len(d.Of("Microsoft.Cdn/profiles")) > 0 && (len(policies) == 0 || len(d.Of("Microsoft.Cdn/profiles/securityPolicies")) == 0) {
		findings = append(findings, "Front Door stands without a firewall policy")
	}
	return findings
}

// encodings are the headers and members that hold bytes in base64url: they alone are not inspected.
var encodings = []string{
	"envelope", "access_hash", "claim_hash", "manage_hash",
	"Secret-Access", "Secret-Claim", "Secret-Manage", "Secret-Create", "Secret-Admin", "Idempotency-Key",
}

func managed(r Resource) []string {
	var findings, sets []string
	for _, set := range r.List("properties.managedRules.managedRuleSets") {
		sets = append(sets, set.Text("ruleSetType")+" "+set.Text("ruleSetVersion"))
		findings = append(findings, excluded(r, set)...)
	}
	for _, want := range []string{"Microsoft_DefaultRuleSet 2.2", "Microsoft_BotManagerRuleSet 1.1"} {
		if !slices.Contains(sets, want) {
			findings = append(findings, fmt.Sprintf("%s is without %s", r, want))
		}
	}
	return findings
}

// excluded finds what the rules for attacks leave out besides our encodings, and which of these they inspect.
func excluded(r, set Resource) []string {
	var findings, out []string
	for _, e := range set.List("exclusions") {
		if e.Text("selectorMatchOperator") != "Equals" || !slices.Contains(encodings, e.Text("selector")) {
			findings = append(findings, fmt.Sprintf("%s does not inspect %s %s", r, e.Text("matchVariable"), e.Text("selector")))
		}
		out = append(out, e.Text("selector"))
	}
	for _, encoding := range encodings {
		if set.Text("ruleSetType") == "Microsoft_DefaultRuleSet" && !slices.Contains(out, encoding) {
			findings = append(findings, fmt.Sprintf("%s takes the bytes of %s for an attack", r, encoding))
		}
	}
	return findings
}

func limited(r Resource) []string {
	var forms []string
	for _, rule := range r.List("properties.customRules.rules") {
		if rule.Text("ruleType") != "RateLimitRule" || rule.Text("action") != "Block" || rule.Text("enabledState") == "Disabled" {
			continue
		}
		for _, condition := range rule.List("matchConditions") {
			values, _ := condition["matchValue"].([]any)
			forms = append(forms, fmt.Sprint(values...))
		}
	}
	var findings []string
	for _, path := range []string{"/api/secrets", "/api/secrets/00000000000000000000000000000000/read"} {
		if !slices.ContainsFunc(forms, func(form string) bool { return matches(form, path) }) {
			findings = append(findings, fmt.Sprintf("%s limits no rate of %s", r, path))
		}
	}
	return findings
}

func matches(form, path string) bool {
	expression, err := regexp.Compile(form)
	return err == nil && expression.MatchString(path)
}

// firewall refuses rules that let anything through: network rules from or to everywhere,
// application rules to any name, security rules that admit the internet.
func firewall(d Deployment) []string {
	var findings []string
	for _, group := range d.Of("Microsoft.Network/firewallPolicies/ruleCollectionGroups") {
		for _, collection := range group.List("properties.ruleCollections") {
			if collection.Text("action.type") != "Allow" {
				continue
			}
			for _, rule := range collection.List("rules") {
				for _, member := range []string{"sourceAddresses", "destinationAddresses", "destinationPorts", "targetFqdns", "destinationFqdns"} {
					for _, name := range strangers(rule, member) {
						findings = append(findings, fmt.Sprintf("%s: rule %s lets %s be called", group, rule.Text("name"), name))
					}
					if open(rule, member) {
						findings = append(findings, fmt.Sprintf("%s: rule %s has any %s", group, rule.Text("name"), member))
					}
				}
			}
		}
	}
	for _, group := range d.Of("Microsoft.Network/networkSecurityGroups") {
		for _, rule := range group.List("properties.securityRules") {
			p := "properties."
			source := rule.Text(p + "sourceAddressPrefix")
			if rule.Text(p+"access") == "Allow" && rule.Text(p+"direction") == "Inbound" && slices.Contains(everywhere, source) {
				findings = append(findings, fmt.Sprintf("%s: rule %s admits %s", group, rule.Text("name"), source))
			}
		}
	}
	return findings
}

var everywhere = []string{"*", "Internet", "0.0.0.0/0", "::/0", "Any"}

func open(rule Resource, member string) bool {
	values, _ := rule[member].([]any)
	return slices.ContainsFunc(values, func(value any) bool {
		text, _ := value.(string)
		return slices.Contains(everywhere, text)
	})
}

// callable are the forms of the names that something here calls through the firewall: keys to check
// tokens with, telemetry, the extensions of the Functions host, the bus; and, to deploy a package, Resource
// Manager, an image, and where packages are.
var callable = []string{
	`\[split\(environment\(\)\.(authentication\.loginEndpoint|resourceManager), '/'\)\[2\]\]`, `\*\.in\.applicationinsights\.azure\.com`, `\*\.livediagnostics\.monitor\.azure\.com`,
	`cdn\.functions\.azure\.com`, `sb-[a-z0-9-]+\.servicebus\.windows\.net`,
	`(\*\.data\.)?mcr\.microsoft\.com`, `github\.com`, `release-assets\.githubusercontent\.com`,
}

// strangers returns the names that a rule admits calls to and that nothing here has a reason to call.
func strangers(rule Resource, member string) []string {
	if member != "targetFqdns" && member != "destinationFqdns" {
		return nil
	}
	values, _ := rule[member].([]any)
	var names []string
	for _, value := range values {
		if name := fmt.Sprint(value); !regexp.MustCompile(`^(` + strings.Join(callable, "|") + `)$`).MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}
