package checks

import "strings"

// DataFlow draws who sends what to whom, and every role as an arrow from the identity to what it opens.
func (d Deployment) DataFlow() string {
	p := newPicture("LR")
	people(p)
	door := d.door(p)
	d.identities(p)
	d.stores(p)
	d.watch(p, door)
	for _, grant := range d.Grants() {
		d.grant(p, grant)
	}
	return p.String()
}

func (d Deployment) grant(p *picture, g Grant) {
	for _, r := range d.Resources {
		if r.Name() == g.Who && words[r.Type()] != "" {
			p.show(r)
		}
	}
	if g.On == nil {
		p.actor("subscription", "the subscription")
		p.arrow(g.Who, "subscription", g.Role)
		return
	}
	p.show(g.On)
	p.arrow(g.Who, g.On.Name(), g.Role)
}

const (
	sender   = "sender"
	reader   = "reader"
	operator = "operator"
	defender = "defender"
)

func people(p *picture) {
	p.actor(sender, "sender's device:\nencrypts")
	p.actor(reader, "reader's device:\ndecrypts")
	p.actor(operator, "operator")
	p.arrow(sender, reader, "the link, by another way")
}

// door draws what everybody comes through, and returns it: Front Door, or the function app itself.
func (d Deployment) door(p *picture) string {
	for _, site := range d.Of("Microsoft.Web/sites") {
		p.show(site)
		for _, page := range d.Of("Microsoft.Web/staticSites") {
			p.show(page)
		}
	}
	door, page := d.first("Microsoft.Web/sites"), d.first("Microsoft.Web/staticSites")
	if front := d.first("Microsoft.Cdn/profiles"); front != "" {
		p.node(front, "Front Door\n"+front)
		p.arrow(front, door, "calls")
		p.arrow(front, page, "files")
		door, page = front, front
	}
	p.arrow(sender, door, "envelope, hashes of proofs")
	p.arrow(reader, door, "proofs; gets the envelope")
	p.arrow(operator, door, "holds")
	p.arrow(page, sender, "page")
	p.arrow(page, reader, "page")
	return door
}

// identities draws who acts, and as what.
func (d Deployment) identities(p *picture) {
	for _, identity := range d.Of("Microsoft.ManagedIdentity/userAssignedIdentities") {
		p.show(identity)
	}
	for _, site := range d.Of("Microsoft.Web/sites") {
		users, _ := site.At("identity.userAssignedIdentities").(map[string]any)
		for id := range users {
			p.arrow(site.Name(), d.named(id), "acts as")
		}
	}
}

// stores draws what keeps something, in the frame of the account that it belongs to.
func (d Deployment) stores(p *picture) {
	for _, kind := range []string{"Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults", "Microsoft.ServiceBus/namespaces"} {
		for _, account := range d.Of(kind) {
			inside := d.inside(account)
			if len(inside) == 0 {
				p.show(account)
				continue
			}
			p.group(account.Name(), words[kind]+" "+account.Name(), func() {
				for _, part := range inside {
					p.show(part)
				}
			})
		}
	}
}

func (d Deployment) inside(account Resource) []Resource {
	var parts []Resource
	for _, r := range d.Resources {
		if words[r.Type()] != "" && strings.HasPrefix(r.ID(), account.ID()+"/") {
			parts = append(parts, r)
		}
	}
	return parts
}

// watch draws how an alert becomes a hold.
func (d Deployment) watch(p *picture, door string) {
	for _, playbook := range d.Of("Microsoft.Logic/workflows") {
		p.show(playbook)
		p.arrow(playbook.Name(), door, "holds")
		p.arrow(operator, playbook.Name(), "starts by hand")
	}
	for _, automation := range d.Of("Microsoft.Security/automations") {
		p.actor(defender, "Defender for Cloud")
		for _, action := range automation.List("properties.actions") {
			if playbook := action.Text("logicAppResourceId"); playbook != "" {
				p.arrow(defender, d.named(playbook), "alerts")
			}
		}
	}
}

func (d Deployment) first(kind string) string {
	for _, r := range d.Of(kind) {
		return r.Name()
	}
	return ""
}
