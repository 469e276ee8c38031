metadata description = 'The tables of the service, in a storage account of their own.'

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

var tableNames = ['secrets', 'holds', 'work']

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

module account 'storageAccount.bicep' = {
  params: { location: location, tags: tags, accountName: accountName, networkName: networkName, service: 'table' }
}

// Tables have neither soft delete nor versions: a deleted secret is gone.
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

// The newest version with category groups.
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

@description('Id of the storage account.')
output id string = account.outputs.id

@description('URL of the table service.')
output tableUrl string = account.outputs.url
