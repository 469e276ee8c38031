metadata description = 'The vault whose keys seal secrets at rest: a key for each week, made, retired and deleted by the service itself.'

import { zoneNames } from 'zones.bicep'

param location string
param tags { *: string }
@minLength(3)
@maxLength(24)
param vaultName string
@description('The identity of the service.')
param identityName string
@description('The custom role that allows the operations on keys which the service needs, and no others.')
param keyRoleName string
param workspaceId string
@description('The network to be reached from alone; null: reached over the internet, by identity only.')
param networkName string?

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: vaultName
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    // The least that Azure allows: a deleted week's key can be recovered until then.
    softDeleteRetentionInDays: 7
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    // scan:skip=CKV_AZURE_189 the lean size has no network: docs/access.md says what is public in which size
    // scan:skip=CKV_AZURE_109 as above: an identity with the role is let in, nobody else
    publicNetworkAccess: networkName == null ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: networkName == null ? 'Allow' : 'Deny'
    }
  }
}

resource toKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, keyRoleName)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyRoleName)
  }
}

module endpoint 'privateEndpoint.bicep' = if (networkName != null) {
  params: {
    location: location
    tags: tags
    target: vault.name
    targetId: vault.id
    service: 'vault'
    networkName: networkName!
    zoneName: zoneNames.vault
  }
}

// The newest version with groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = vault.id
output uri string = vault.properties.vaultUri
