metadata description = 'Service Bus: the queue of alerts that found the service unreachable, and the topic of its events.'

import { roles } from 'roles.bicep'
import { zoneNames } from 'zones.bicep'

param location string
param tags { *: string }
param namespaceName string
@description('Premium alone can be reached privately.')
param tier ('Standard' | 'Premium')
@description('The identity of the service.')
param identityName string
param workspaceId string
@description('The network to be reached from alone; null: reached over the internet, by identity only.')
param networkName string?

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: namespaceName
  location: location
  tags: tags
  sku: {
    name: tier
    tier: tier
    capacity: tier == 'Premium' ? 1 : null
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: networkName == null ? 'Enabled' : 'Disabled'
  }

  resource alerts 'queues' = {
    name: 'defender-alerts'
    properties: {
      // patrol settles a batch within minutes, and what it cannot apply while the store is down
      // must not be lost to the count of its deliveries.
      lockDuration: 'PT5M'
      maxDeliveryCount: 2000
      deadLetteringOnMessageExpiration: true
      defaultMessageTimeToLive: 'P14D'
    }
  }

  resource events 'topics' = {
    name: 'secret-events'
    properties: {
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT10M'
      defaultMessageTimeToLive: 'P7D'
      supportOrdering: true
    }
  }
}

resource receive 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: namespace::alerts
  name: guid(namespace::alerts.id, identity.id)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
  }
}

resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: namespace::events
  name: guid(namespace::events.id, identity.id)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}

module endpoint 'privateEndpoint.bicep' = if (networkName != null) {
  params: {
    location: location
    tags: tags
    target: namespace.name
    targetId: namespace.id
    service: 'namespace'
    networkName: networkName!
    zoneName: zoneNames.namespace
  }
}

// The newest version with groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: namespace
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = namespace.id
output queueId string = namespace::alerts.id
output hostName string = '${namespace.name}.servicebus.windows.net'
