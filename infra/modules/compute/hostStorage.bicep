metadata description = 'The storage account of the Functions host: its leases and the deployed packages. It holds no secrets.'

import { roles } from '../govern/builtInRoles.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the storage account.')
param accountName string

@description('Name of the service\'s identity.')
param identityName string

@description('Name of the virtual network that the private endpoint is in. null: reachable from the internet, by identity only.')
param networkName string?

@description('Id of the Log Analytics workspace.')
param workspaceId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

module account '../data/storageAccount.bicep' = {
  params: { location: location, tags: tags, accountName: accountName, networkName: networkName, service: 'blob' }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2026-04-01' = {
  parent: existingAccount
  name: 'default'
  dependsOn: [account]
  properties: {
    // A previous package can be restored for seven days.
    containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    deleteRetentionPolicy: { enabled: true, days: 7 }
    isVersioningEnabled: true
  }

  resource packages 'containers' = {
    name: 'packages'
  }
}

resource existingAccount 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: accountName
}

resource toBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: existingAccount
  name: guid(existingAccount.id, identity.id)
  dependsOn: [account]
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    // The host creates containers of its own for its leases.
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataOwner)
  }
}

// The newest version with category groups.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: blobService
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

@description('Id of the storage account.')
output id string = account.outputs.id

@description('URL of the blob container for packages.')
output packagesUrl string = '${account.outputs.url}packages'
