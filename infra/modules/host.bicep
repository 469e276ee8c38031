metadata description = 'What the Functions host keeps: its leases and the packages, in a storage account of their own. No secret ever lies here.'

import { roles } from 'roles.bicep'

param location string
param tags { *: string }
param accountName string
@description('The identity of the service.')
param identityName string
@description('The network to be reached from alone; null: reached over the internet, by identity only.')
param networkName string?
param workspaceId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

// scan:skip=d855ced8-6157-448f-9f1d-f05a41d046f7 what account.bicep says
// scan:skip=e25b56cd-a4d6-498f-ab92-e6296a082097 what account.bicep says
module account 'account.bicep' = {
  params: { location: location, tags: tags, accountName: accountName, networkName: networkName, service: 'blob' }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2026-04-01' = {
  parent: existingAccount
  name: 'default'
  dependsOn: [account]
  properties: {
    // The package before the last one can be brought back for a week.
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
    // The host makes containers of its own and keeps leases in them.
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataOwner)
  }
}

// The newest version with groups of categories.
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

output id string = account.outputs.id
output packagesUrl string = '${account.outputs.url}packages'
