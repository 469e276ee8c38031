package checks

import (
	"fmt"
	"strings"
)

const internet = "internet"

// Network draws who reaches what: the ways in from the internet, the subnets, the private endpoints,
// and the names that the firewall lets through.
func (d Deployment) Network() string {
	p := newPicture("LR")
	p.actor(internet, "internet")
	d.edgeOf(p)
	d.subnets(p)
	d.reached(p)
	d.egress(p)
	return p.String()
}

// edgeOf draws Front Door with its routes, and where each of them leads.
func (d Deployment) edgeOf(p *picture) {
	mode := ""
	for _, waf := range d.Of("Microsoft.Network/frontDoorWebApplicationFirewallPolicies") {
		mode = "firewall: " + strings.ToLower(waf.Text("properties.policySettings.mode"))
	}
	for _, profile := range d.Of("Microsoft.Cdn/profiles") {
		p.group(profile.Name(), "Front Door "+profile.Name()+", "+mode, func() {
			for _, route := range d.Of("Microsoft.Cdn/profiles/afdEndpoints/routes") {
				p.node("route "+route.Name(), texts(route, "properties.patternsToMatch", " "))
				p.arrow(internet, "route "+route.Name(), strings.ToUpper(texts(route, "properties.supportedProtocols", ", ")))
				d.origins(p, route)
			}
		})
	}
}

func (d Deployment) origins(p *picture, route Resource) {
	for _, origin := range d.Of("Microsoft.Cdn/profiles/originGroups/origins") {
		if !strings.HasPrefix(origin.ID(), route.Text("properties.originGroup.id")+"/") {
			continue
		}
		way := "HTTPS"
		if where := origin.Text("properties.sharedPrivateLinkResource.privateLinkLocation"); where != "" {
			way = "private link"
		}
		p.arrow("route "+route.Name(), d.named(origin.Text("properties.hostName")), way)
	}
}

// subnets draws the network: what may be in each subnet, and which of them may call which.
func (d Deployment) subnets(p *picture) {
	for _, network := range d.Of("Microsoft.Network/virtualNetworks") {
		p.group(network.Name(), network.Name()+" "+texts(network, "properties.addressSpace.addressPrefixes", " "), func() {
			for _, subnet := range d.Of("Microsoft.Network/virtualNetworks/subnets") {
				d.subnet(p, subnet)
			}
		})
	}
	for _, group := range d.Of("Microsoft.Network/networkSecurityGroups") {
		for _, rule := range group.List("properties.securityRules") {
			if rule.Text("properties.access") == "Allow" && rule.Text("properties.direction") == "Inbound" {
				d.admits(p, rule)
			}
		}
	}
}

func (d Deployment) subnet(p *picture, subnet Resource) {
	label := subnet.Name() + " " + subnet.Text("properties.addressPrefix")
	p.group("subnet "+subnet.Name(), label, func() {
		for _, delegation := range subnet.List("properties.delegations") {
			p.node("in "+subnet.Name(), "delegated to\n"+delegation.Text("properties.serviceName"))
			if subnet.At("properties.routeTable") != nil {
				p.arrow("in "+subnet.Name(), "firewall", "all else")
			}
		}
		for _, endpoint := range d.Of("Microsoft.Network/privateEndpoints") {
			if endpoint.Text("properties.subnet.id") == subnet.ID() {
				d.endpoint(p, endpoint)
			}
		}
		for _, firewall := range d.Of("Microsoft.Network/azureFirewalls") {
			if subnet.Name() == "AzureFirewallSubnet" {
				p.node("firewall", "firewall\n"+firewall.Name())
			}
		}
	})
}

func (d Deployment) endpoint(p *picture, endpoint Resource) {
	for _, link := range endpoint.List("properties.privateLinkServiceConnections") {
		p.node(endpoint.Name(), "private endpoint\n"+link.Text("name"))
		p.arrow(endpoint.Name(), d.named(link.Text("properties.privateLinkServiceId")), texts(link, "properties.groupIds", ", "))
	}
}

// admits draws a rule that lets subnets call another one.
func (d Deployment) admits(p *picture, rule Resource) {
	at := map[string]string{}
	for _, subnet := range d.Of("Microsoft.Network/virtualNetworks/subnets") {
		at[subnet.Text("properties.addressPrefix")] = subnet.Name()
	}
	for from := range strings.SplitSeq(texts(rule, "properties.sourceAddressPrefixes", " "), " ") {
		to := at[rule.Text("properties.destinationAddressPrefix")]
		p.arrow("in "+at[from], "subnet "+to, texts(rule, "properties.destinationPortRanges", ", "))
	}
}

// reached draws what has addresses of its own, and which of them the internet reaches.
func (d Deployment) reached(p *picture) {
	for _, s := range switches {
		for _, r := range d.Of(s.kind) {
			if words[r.Type()] == "" {
				continue
			}
			p.show(r)
			if s.open(r) {
				p.arrow(internet, r.Name(), entrance(r))
			}
			if subnet := r.Text("properties.virtualNetworkSubnetId"); subnet != "" {
				p.arrow(r.Name(), "in "+d.named(subnet), "calls from")
			}
		}
	}
}

// entrance says how one comes in from the internet.
func entrance(r Resource) string {
	switch r.Type() {
	case "Microsoft.Web/sites":
		return "HTTPS"
	case "Microsoft.Web/staticSites":
		return "files"
	case "Microsoft.Logic/workflows":
		return "signed address, or Entra"
	}
	return "identities alone"
}

// egress draws the names that may be called, each list as one node, but for what is drawn already.
func (d Deployment) egress(p *picture) {
	for _, rules := range d.Of("Microsoft.Network/firewallPolicies/ruleCollectionGroups") {
		for _, collection := range rules.List("properties.ruleCollections") {
			for _, rule := range collection.List("rules") {
				names := texts(rule, "targetFqdns", "\n") + texts(rule, "destinationFqdns", "\n")
				to, _, _ := strings.Cut(names, ".")
				if !p.drawn[to] {
					to = "rule " + rule.Name()
					p.node(to, names)
				}
				p.arrow("firewall", to, rule.Name())
			}
		}
	}
}

// texts joins the list of texts at a path.
func texts(r Resource, path, between string) string {
	values, _ := r.At(path).([]any)
	var all []string
	for _, value := range values {
		all = append(all, plain(fmt.Sprint(value)))
	}
	return strings.Join(all, between)
}

// plain says in words what is only known in a cloud: the same everywhere but in sovereign ones.
func plain(value string) string {
	switch {
	case strings.Contains(value, "loginEndpoint"):
		return "login of Entra"
	case strings.Contains(value, "resourceManager"):
		return "Resource Manager"
	}
	return value
}
