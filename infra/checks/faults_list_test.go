//go:build infra

package checks

// faults are what somebody in a hurry, or with bad intent, might change.
func faults() []fault {
	const m = "modules/"
	return []fault{
		{"storage is public", m + "account.bicep", `publicNetworkAccess: .*`, `publicNetworkAccess: 'Enabled'`},
		{"storage takes its shared key", m + "account.bicep", `allowSharedKeyAccess: false`, `allowSharedKeyAccess: true`},
		{"blobs are public", m + "account.bicep", `allowBlobPublicAccess: false`, `allowBlobPublicAccess: true`},
		{"storage takes old TLS", m + "account.bicep", `'TLS1_2'`, `'TLS1_0'`},
		{"storage lies in one zone", m + "account.bicep", `'Standard_ZRS'`, `'Standard_LRS'`},
		{"the vault is public", m + "vault.bicep", `publicNetworkAccess: .*`, `publicNetworkAccess: 'Enabled'`},
		{"keys can be purged", m + "vault.bicep", `enablePurgeProtection: true`, `enablePurgeProtection: null`},
		{"the vault logs nowhere", m + "vault.bicep", `logs: \[\{.*`, `logs: []`},
		{"the role on keys is a wildcard", m + "keyRole.bicep", `'Microsoft.KeyVault/vaults/keys/read'`, `'Microsoft.KeyVault/vaults/keys/*'`},
		{"the role on keys purges", m + "keyRole.bicep", `keys/delete'`, `keys/purge/action'`},
		{"the service may write every table", m + "storage.bicep", `scope: tableService::tables\[i\]`, `scope: resourceGroup()`},
		{"the bus takes its keys", m + "bus.bicep", `disableLocalAuth: true`, `disableLocalAuth: false`},
		{"the app is public", m + "functions.bicep", `publicNetworkAccess: .*`, `publicNetworkAccess: 'Enabled'`},
		{"the app takes plain HTTP", m + "functions.bicep", `httpsOnly: true`, `httpsOnly: false`},
		{"the app takes old TLS", m + "functions.bicep", `minTlsVersion: '1.3'`, `minTlsVersion: '1.0'`},
		{"packages can be published by password", m + "functions.bicep", `(?s)(name: 'scm'.*?)allow: false`, `name: 'scm', properties: { allow: true`},
		{"the principal is believed without authentication", m + "configuration.bicep", `SSS_ENTRA: .*`, `SSS_ENTRA: 'on'`},
		{"the app is told a setting that there is not", m + "configuration.bicep", `SSS_ENTRA:`, `SSS_ENTRY: 'x', SSS_ENTRA:`},
		{"the edge only watches", m + "waf.bicep", `mode: 'Prevention'`, `mode: 'Detection'`},
		{"reads are not limited", m + "limits.bicep", `/\(read\|unlock\)`, `/(reed|unlock)`},
		{"a header is not inspected", m + "waf.bicep", `'Idempotency-Key'\]`, `'Idempotency-Key', 'Cookie']`},
		{"an envelope is taken for an attack", m + "waf.bicep", `'envelope', `, ``},
		{"the managed rules are old", m + "waf.bicep", `ruleSetVersion: '2.2'`, `ruleSetVersion: '2.1'`},
		{"anything may be called", m + "egress.bicep", `targetFqdns: way.to`, `targetFqdns: ['*']`},
		{"the storage of others may be called", "main.bicep", `'cdn.functions.azure.com'`, `'*.blob.core.usgovcloudapi.net'`},
		{"anybody may come in", m + "securityGroup.bicep", `(?s)access: 'Deny'`, `access: 'Allow'`},
		{"a subnet has a way out of its own", m + "subnets.bicep", `defaultOutboundAccess: false`, `defaultOutboundAccess: true`},
		{"a secret is given out", m + "host.bicep", `\z`, "\noutput key string = existingAccount.listKeys().keys[0].value\n"},
		{"a type's version does not exist", m + "vault.bicep", `vaults@[0-9-]+`, `vaults@2020-01-01`},
		{"a property does not exist", m + "vault.bicep", `enableRbacAuthorization`, `enableRbacAuthorisation`},
		{"a resource has no tags", m + "bus.bicep", `  tags: tags\n`, ``},
		{"a name is too long", "main.bicep", `vault: 'kv-\$\{name\}`, `vault: 'kv-${name}-of-the-secrets`},
		{"the snapshot is not what is deployed", "main.bicep", `readsPerMinute: \d+`, `readsPerMinute: 6000`},
	}
}
