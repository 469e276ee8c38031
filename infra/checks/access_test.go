package checks

import (
	"fmt"
	"slices"
	"strings"
)

// builtIn names the roles of Azure that are assigned, by their ids, which are the same everywhere.
var builtIn = map[string]string{
	"b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
	"ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
	"0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
	"974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
	"4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0": "Azure Service Bus Data Receiver",
	"69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": "Azure Service Bus Data Sender",
	"3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
	"92aaf0da-9dab-42b6-94a3-d43ce8d16293": "Log Analytics Contributor",
	"749f88d5-cbae-40b8-bcfc-e573ddc772fa": "Monitoring Contributor",
	"fb1c8493-542b-48eb-b624-b4c8fea62acd": "Security Admin",
	"de139f84-1756-47ae-9be6-808fbbe84772": "Website Contributor",
}

// A Grant says who may do what, and where: on a resource, nil where it is the subscription.
type Grant struct {
	Who, Role string
	On        Resource
}

// Grants returns every role assignment of a deployment in words, sorted.
func (d Deployment) Grants() []Grant {
	var grants []Grant
	for _, r := range d.Of("Microsoft.Authorization/roleAssignments") {
		scope, _, _ := strings.Cut(r.ID(), "/providers/Microsoft.Authorization/roleAssignments/")
		grants = append(grants, Grant{d.named(r.Text("properties.principalId")), d.role(r.Text("properties.roleDefinitionId")), d.at(scope)})
	}
	slices.SortFunc(grants, func(a, b Grant) int { return strings.Compare(a.String(), b.String()) })
	return grants
}

// String writes the grant as a row of a table in Markdown.
func (g Grant) String() string {
	where := "the subscription"
	if g.On != nil {
		where = fmt.Sprintf("%s `%s`", strings.TrimPrefix(g.On.Type(), "Microsoft."), g.On.Text("name"))
	}
	return fmt.Sprintf("| `%s` | %s | %s |", g.Who, g.Role, where)
}

func (d Deployment) role(id string) string {
	guid := id[strings.LastIndex(id, "/")+1:]
	for _, r := range d.Of("Microsoft.Authorization/roleDefinitions") {
		if r.Name() == guid {
			return r.Text("properties.roleName") + " (ours)"
		}
	}
	if name, ok := builtIn[guid]; ok {
		return name
	}
	return "role " + guid
}

// at returns the resource of an id. One that is not deployed here is known by its id alone.
func (d Deployment) at(scope string) Resource {
	for _, r := range d.Resources {
		if strings.EqualFold(r.ID(), scope) {
			return r
		}
	}
	if strings.Count(scope, "/") == 2 {
		return nil
	}
	return Resource{"id": scope, "name": scope}
}
