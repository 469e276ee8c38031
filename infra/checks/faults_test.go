//go:build infra

package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// faults are mistakes and attacks: the first match of a pattern in a file is replaced.
var faults = []struct{ name, file, pattern, replacement string }{
	{"storage is public", account, `publicNetworkAccess: .*`, `publicNetworkAccess: 'Enabled'`},
	{"storage accepts its shared key", account, `allowSharedKeyAccess: false`, `allowSharedKeyAccess: true`},
	{"blobs are public", account, `allowBlobPublicAccess: false`, `allowBlobPublicAccess: true`},
	{"storage accepts old TLS", account, `'TLS1_2'`, `'TLS1_0'`},
	{"storage is in one zone", account, `'Standard_ZRS'`, `'Standard_LRS'`},
	{"the vault is public", vault, `publicNetworkAccess: .*`, `publicNetworkAccess: 'Enabled'`},
	{"keys can be purged", vault, `enablePurgeProtection: true`, `enablePurgeProtection: null`},
	{"the vault has no logs", vault, `logs: \[\{.*`, `logs: []`},
	{"the role for keys has a wildcard", "modules/govern/keyRole.bicep", `'Microsoft.KeyVault/vaults/keys/read'`, `'Microsoft.KeyVault/vaults/keys/*'`},
	{"the role for keys can purge", "modules/govern/keyRole.bicep", `keys/delete'`, `keys/purge/action'`},
	{"the service may write every table", "modules/data/tables.bicep", `scope: tableService::tables\[i\]`, `scope: resourceGroup()`},
	{"the bus accepts its keys", "modules/data/serviceBus.bicep", `disableLocalAuth: true`, `disableLocalAuth: false`},
	{"the app is public", app, `publicNetworkAccess: .*`, `publicNetworkAccess: 'Enabled'`},
	{"the app accepts plain HTTP", app, `httpsOnly: true`, `httpsOnly: false`},
	{"the app accepts old TLS", app, `minTlsVersion: '1.3'`, `minTlsVersion: '1.0'`},
	{"packages can be published with a password", app, `(?s)(name: 'scm'.*?)allow: false`, `name: 'scm', properties: { allow: true`},
	{"the app trusts a principal without authentication", config, `SSS_ENTRA: .*`, `SSS_ENTRA: 'on'`},
	{"the app gets an unknown setting", config, `SSS_ENTRA:`, `SSS_ENTRY: 'x', SSS_ENTRA:`},
	{"the web application firewall only detects", wafPolicy, `mode: 'Prevention'`, `mode: 'Detection'`},
	{"reads have no rate limit", wafPolicy, `/\(read\|unlock\)`, `/(reed|unlock)`},
	{"a header is not inspected", wafPolicy, `'Idempotency-Key'\]`, `'Idempotency-Key', 'Cookie']`},
	{"an envelope is inspected", wafPolicy, `'envelope', `, ``},
	{"the managed rules are old", wafPolicy, `ruleSetVersion: '2.2'`, `ruleSetVersion: '2.1'`},
	{"any host may be called", "modules/network/firewall.bicep", `targetFqdns: rule.to`, `targetFqdns: ['*']`},
	{"storage of others may be called", "main.bicep", `'cdn.functions.azure.com'`, `'*.blob.core.usgovcloudapi.net'`},
	{"a security group admits everybody", "modules/network/networkSecurityGroup.bicep", `(?s)access: 'Deny'`, `access: 'Allow'`},
	{"a subnet has outbound access of its own", "modules/network/virtualNetwork.bicep", `defaultOutboundAccess: false`, `defaultOutboundAccess: true`},
	{"an output is a secret", "modules/compute/hostStorage.bicep", `\z`, "\noutput key string = existingAccount.listKeys().keys[0].value\n"},
	{"an API version does not exist", vault, `vaults@[0-9-]+`, `vaults@2020-01-01`},
	{"a property does not exist", vault, `enableRbacAuthorization`, `enableRbacAuthorisation`},
	{"a resource has no tags", "modules/data/serviceBus.bicep", `  tags: tags\n`, ``},
	{"a name is too long", "main.bicep", `vault: 'kv-\$\{name\}`, `vault: 'kv-${name}-of-the-secrets`},
	{"the snapshot is outdated", "main.bicep", `readsPerMinute: \d+`, `readsPerMinute: 6000`},
}

const (
	account   = "modules/data/storageAccount.bicep"
	vault     = "modules/data/keyVault.bicep"
	app       = "modules/compute/functionApp.bicep"
	config    = "modules/compute/siteConfig.bicep"
	wafPolicy = "modules/edge/wafPolicy.bicep"
)

// Every fault fails a check. The log has a table of the faults and the checks.
func TestPlantedFaultsAreCaught(t *testing.T) {
	if caught := catch(t, copied(t)); caught != "" {
		t.Fatalf("a check fails before any fault is planted: %s", caught)
	}
	table := &strings.Builder{}
	w := tabwriter.NewWriter(table, 0, 0, 2, ' ', 0)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			folder := copied(t)
			path := filepath.Join(folder, f.file)
			text := source(t, path)
			place := regexp.MustCompile(f.pattern).FindStringIndex(text)
			if place == nil {
				t.Fatalf("%s does not match %s", f.file, f.pattern)
			}
			write(t, path, text[:place[0]]+f.replacement+text[place[1]:])
			caught := catch(t, folder)
			if caught == "" {
				t.Error("no check fails")
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\n", f.name, caught)
		})
	}
	_ = w.Flush()
	t.Logf("%d faults:\n%s", len(faults), table)
}

// copied returns a folder with a copy of infra.
func copied(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("..")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// catch returns the first check that fails for a folder, "" if none does: the compiler and its linter, which
// run before a prediction, our review, Checkov, and last the snapshot in the tree, which catches every change
// but does not explain it.
func catch(t *testing.T, folder string) string {
	t.Helper()
	kept := map[string]deployment{}
	for _, size := range sizes {
		kept[size] = load(t, folder, size)
		if out, err := predict(t, folder, size, "overwrite"); err != nil || out != "" {
			return "compiler: " + firstLine(out)
		}
		if found := review(t, folder, size); len(found) > 0 {
			return size + ": " + firstLine(found[0])
		}
	}
	for _, f := range checkov(t, folder) {
		if !isSuppressed(t, folder, f) {
			return "Checkov: " + f.check + " " + f.text
		}
	}
	for _, size := range sizes {
		if !reflect.DeepEqual(kept[size], load(t, folder, size)) {
			return size + ": the snapshot in the tree differs"
		}
	}
	return ""
}

// firstLine returns the first message of the compiler or of a finding, without its path.
func firstLine(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.Contains(line, "BCP104") // says only that a module has errors
	})
	line := strings.Join(lines[:min(1, len(lines))], "")
	if _, message, ok := strings.Cut(line, " : "); ok {
		line = message
	}
	if len(line) > 110 {
		line = line[:110] + "..."
	}
	return line
}
