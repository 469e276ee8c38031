package quarantine_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

func TestAlertIsMappedToTheNarrowestScopeThatCoversIt(t *testing.T) {
	const kek = "/keys/kek-2026w47"
	key := hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w47"}
	version := key
	version.Version = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	for name, c := range map[string]struct {
		names   []string
		scope   hold.Scope
		refused bool
	}{
		"our vault":                              {[]string{vault}, all, false},
		"our vault, in other letters":            {[]string{strings.ToUpper(vault)}, all, false},
		"our vault, with a slash":                {[]string{vault + "/"}, all, false},
		"a key of our vault":                     {[]string{vault + kek}, key, false},
		"a key, besides its vault":               {[]string{vault, vault + kek}, key, false},
		"a version of a key":                     {[]string{vault + kek + "/versions/0A1B2C3D4E5F60718293A4B5C6D7E8F9"}, version, false},
		"a key and a version of it":              {[]string{vault + kek, vault + kek + "/versions/" + version.Version}, all, false},
		"two keys":                               {[]string{vault + kek, vault + "/keys/kek-2026w48"}, all, false},
		"all keys":                               {[]string{vault + "/keys"}, all, false},
		"a secret in our vault":                  {[]string{vault + "/secrets/x"}, all, false},
		"a key with an odd name":                 {[]string{vault + "/keys/a b"}, all, false},
		"a key, and our storage account":         {[]string{vault + kek, account}, all, false},
		"a key, and our subscription":            {[]string{vault + kek, subscription}, all, false},
		"our storage account":                    {[]string{account}, all, false},
		"our tables":                             {[]string{account + "/tableServices/default"}, all, false},
		"our function app":                       {[]string{app}, all, false},
		"a slot of our function app":             {[]string{app + "/slots/next"}, all, false},
		"our subscription":                       {[]string{subscription}, all, false},
		"our resource group":                     {[]string{group}, all, false},
		"ours among others":                      {[]string{foreign, vault}, all, false},
		"a key of ours among others":             {[]string{foreign, vault + kek}, key, false},
		"nothing":                                {nil, all, true},
		"another vault":                          {[]string{foreign}, all, true},
		"a key of another vault":                 {[]string{foreign + kek}, all, true},
		"another tenant's subscription":          {[]string{"/subscriptions/aaaa0000-0000-4000-8000-00000000f001"}, all, true},
		"another vault with the same beginning":  {[]string{vault + "2"}, all, true},
		"a subscription with the same beginning": {[]string{subscription + "0"}, all, true},
		"another resource of our group":          {[]string{group + "/providers/Microsoft.Compute/virtualMachines/vm"}, all, true},
		"a path out of another":                  {[]string{foreign + "/../../../../../" + vault}, all, true},
		"a path out of ours":                     {[]string{vault + "/../kv-else"}, all, true},
		"an empty step":                          {[]string{subscription + "//"}, all, true},
		"all subscriptions":                      {[]string{"/subscriptions/"}, all, true},
		"the root":                               {[]string{"/"}, all, true},
		"a name only":                            {[]string{"kv-secrets-lab"}, all, true},
	} {
		w := newFixture(t)
		o, err := w.Alert(t.Context(), alertWith(c.names...))
		if c.refused {
			wantField(t, name, err, "resources")
			continue
		}
		if err != nil || o.Hold.Scope != c.scope || fmt.Sprint(o.Hold.Modes) != "[block-create block-read]" {
			t.Errorf("%s: %+v, %v", name, o.Hold, err)
		}
	}
}

// alertWith returns an alert with these resources.
func alertWith(names ...string) []byte {
	var items []string
	for _, name := range names {
		items = append(items, fmt.Sprintf(`{"azureResourceId": %q}`, name))
	}
	return []byte(`{"systemAlertId": "a", "alertType": "b", "severity": "High", "resourceIdentifiers": [` + strings.Join(items, ", ") + `]}`)
}

func TestNoAlertPlacesAHoldWithoutResources(t *testing.T) {
	for _, ours := range [][]string{nil, {""}, {"/"}, {"/subscriptions"}, {"kv-secrets-lab"}} {
		w := newFixture(t)
		w.Policy.Resources = ours
		_, err := w.Alert(t.Context(), plain.in(t, "logicapp"))
		wantField(t, fmt.Sprint(ours), err, "resources")
	}
}

// The policy may have a whole subscription or resource group.
func TestResourcesWithinAConfiguredOneCount(t *testing.T) {
	for _, ours := range []string{subscription, group, strings.ToUpper(group) + "/"} {
		w := newFixture(t)
		w.Policy.Resources = []string{ours}
		if o := w.must(w.Alert(t.Context(), alertWith(group+"/providers/Microsoft.Compute/virtualMachines/vm"))); o.Hold.Scope != all {
			t.Errorf("%s: %+v", ours, o.Hold)
		}
	}
}

func TestResourcesAreFoundInEveryPlace(t *testing.T) {
	const head = `{"systemAlertId": "a", "alertType": "b", "severity": "High", `
	for name, rest := range map[string]string{
		"the list of resources":  `"resourceIdentifiers": [{"type": "AzureResource", "azureResourceId": "` + vault + `"}]}`,
		"the alert itself":       `"azureResourceId": "` + vault + `"}`,
		"the compromised entity": `"compromisedEntity": "` + vault + `"}`,
		"an entity":              `"entities": [{"type": "azure-resource", "resourceId": "` + vault + `"}]}`,
		"a host":                 `"entities": [{"type": "host", "azureID": "` + app + `"}]}`,
		"within an entity":       `"entities": [{"type": "blob", "container": {"account": {"resourceId": "` + account + `"}}}]}`,
	} {
		if _, err := newFixture(t).Alert(t.Context(), []byte(head+rest)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// In other places an id is only text.
	for name, rest := range map[string]string{
		"the description":         `"description": "` + vault + `"}`,
		"the alert's own id":      `"id": "` + vault + `"}`,
		"the subscription's GUID": `"azureResourceSubscriptionId": "5f0c7a52-1d3e-4c1b-9a57-2b8a40e5d101"}`,
		"the workspace":           `"resourceIdentifiers": [{"type": "LogAnalytics", "workspaceId": "` + vault + `"}]}`,
		"an account's name":       `"entities": [{"type": "account", "name": "` + vault + `"}]}`,
		"the extended properties": `"extendedProperties": {"resourceId": "` + vault + `"}}`,
	} {
		_, err := newFixture(t).Alert(t.Context(), []byte(head+rest))
		wantField(t, name, err, "resources")
	}
}

func TestDocsHaveTheTableOfTheMapping(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Za-z./]+)` \\| [^|]+ \\| ([^|]+) \\| ([^|]+) \\|$").FindAllStringSubmatch(string(doc), -1) {
		rows[strings.ToLower(row[1])] = row[2] + ": " + row[3]
	}
	words := map[hold.Kind]string{hold.ScopeAll: "everything", hold.ScopeKey: "that key or version"}
	for names, id := range map[string]string{
		"microsoft.keyvault/vaults/keys":    vault + "/keys/kek-2026w47",
		"microsoft.keyvault/vaults":         vault,
		"microsoft.storage/storageaccounts": account,
		"microsoft.web/sites":               app,
		"subscriptions":                     subscription,
	} {
		w := newFixture(t)
		h := w.must(w.Alert(t.Context(), alertWith(id))).Hold
		want := words[h.Scope.Kind] + ": `block-read`, `block-create`"
		if rows[names] != want || fmt.Sprint(h.Modes) != "[block-create block-read]" {
			t.Errorf("docs/operations.md has %[2]q for %[1]s, want %[3]q", names, rows[names], want)
		}
	}
}
