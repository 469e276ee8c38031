metadata description = 'The tables of the service, in a storage account that holds nothing else.'

import { roles } from 'roles.bicep'

param location string
param tags { *: string }
param accountName string
@description('The identity of the service.')
param identityName string
@description('The network to be reached from alone; null: reached over the internet, by identity only.')
param networkName string?
param workspaceId string

var tableNames = ['secrets', 'holds', 'work']

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

// scan:skip=d855ced8-6157-448f-9f1d-f05a41d046f7 what account.bicep says
// scan:skip=e25b56cd-a4d6-498f-ab92-e6296a082097 what account.bicep says
module account 'account.bicep' = {
  params: { location: location, tags: tags, accountName: accountName, networkName: networkName, service: 'table' }
}

// Tables have neither soft delete nor versions: what is deleted here is gone, as it must be.
resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2026-04-01' = {
  name: '${accountName}/default'
  dependsOn: [account]

  resource tables 'tables' = [
    for table in tableNames: {
      name: table
    }
  ]
}

resource toTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (table, i) in tableNames: {
    scope: tableService::tables[i]
    name: guid(tableService::tables[i].id, identity.id)
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageTableDataContributor
      )
    }
  }
]

// The newest version with groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: tableService
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

output id string = account.outputs.id
output tableUrl string = account.outputs.url
