package checks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A picture is a flowchart in Mermaid under construction. Nodes are known by what they stand for,
// and they and arrows are drawn once.
type picture struct {
	lines  []string
	arrows []string
	drawn  map[string]bool
	indent string
}

func newPicture(direction string) *picture {
	return &picture{lines: []string{"flowchart " + direction}, drawn: map[string]bool{}, indent: "  "}
}

// node draws a box; lines of its label are parted by \n.
func (p *picture) node(key, label string) { p.draw(key, `["`, label, `"]`) }

// actor draws what lies outside of the deployment: a person, a service of Azure.
func (p *picture) actor(key, label string) { p.draw(key, `(["`, label, `"])`) }

func (p *picture) draw(key, open, label, end string) {
	if !p.drawn[key] {
		p.drawn[key] = true
		p.lines = append(p.lines, p.indent+nodeID(key)+open+text(label)+end)
	}
}

// group draws a frame around what fill draws, and nothing where that is nothing.
func (p *picture) group(key, label string, fill func()) {
	p.drawn[key] = true
	at, outer := len(p.lines), p.indent
	p.indent += "  "
	fill()
	p.indent = outer
	if len(p.lines) > at {
		p.lines = slices.Insert(p.lines, at, outer+"subgraph "+nodeID(key)+`["`+text(label)+`"]`)
		p.lines = append(p.lines, outer+"end")
	}
}

func (p *picture) arrow(from, to, label string) {
	line := fmt.Sprintf(`  %s -- "%s" --> %s`, nodeID(from), text(label), nodeID(to))
	if !slices.Contains(p.arrows, line) {
		p.arrows = append(p.arrows, line)
	}
}

// String returns the flowchart as a block of Markdown, which GitHub draws.
func (p *picture) String() string {
	return "```mermaid\n" + strings.Join(slices.Concat(p.lines, p.arrows), "\n") + "\n```"
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9]+`)

// nodeID begins with a letter of its own: Mermaid has words that no node may be called, such as end.
func nodeID(key string) string { return "n_" + notInID.ReplaceAllString(key, "_") }

func text(label string) string {
	return strings.NewReplacer(`"`, "#quot;", "\n", "<br/>").Replace(label)
}

// words are what a reader calls the types that are drawn.
var words = map[string]string{
	"Microsoft.Authorization/policyAssignments":                 "policy",
	"Microsoft.Insights/components":                             "Application Insights",
	"Microsoft.KeyVault/vaults":                                 "Key Vault",
	"Microsoft.Logic/workflows":                                 "playbook",
	"Microsoft.ManagedIdentity/userAssignedIdentities":          "identity",
	"Microsoft.OperationalInsights/workspaces":                  "logs",
	"Microsoft.Resources/resourceGroups":                        "resource group",
	"Microsoft.ServiceBus/namespaces":                           "Service Bus",
	"Microsoft.ServiceBus/namespaces/queues":                    "queue",
	"Microsoft.ServiceBus/namespaces/topics":                    "topic",
	"Microsoft.Storage/storageAccounts":                         "storage account",
	"Microsoft.Storage/storageAccounts/tableServices/tables":    "table",
	"Microsoft.Storage/storageAccounts/blobServices/containers": "container",
	"Microsoft.Web/sites":                                       "function app",
	"Microsoft.Web/staticSites":                                 "page",
}

// show draws a resource by what it is and its name, unless it is drawn already.
func (p *picture) show(r Resource) { p.node(r.Name(), words[r.Type()]+"\n"+r.Name()) }
