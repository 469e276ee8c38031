metadata description = 'The key vault for encryption at rest. The service creates a key each week, and disables and deletes old ones.'

import { zoneNames } from '../network/privateDnsZone.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the vault: globally unique.')
@minLength(3)
@maxLength(24)
param vaultName string

@description('Name of the service\'s identity.')
param identityName string

@description('GUID of the custom role for keys.')
param keyRoleName string

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Name of the virtual network that the private endpoint is in. null: reachable from the internet, by identity only.')
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
    // Days in which a deleted key can be recovered: Azure's minimum.
    softDeleteRetentionInDays: 7
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    // scan:skip=CKV_AZURE_189 public in the lean size only, which has no network: see docs/access.md
    // scan:skip=CKV_AZURE_109 public in the lean size only: an identity with the role is admitted, nobody else
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

module endpoint '../network/privateEndpoint.bicep' = if (networkName != null) {
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

// The newest version with category groups.
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

@description('Id of the vault.')
output id string = vault.id

@description('URL of the vault.')
output uri string = vault.properties.vaultUri
