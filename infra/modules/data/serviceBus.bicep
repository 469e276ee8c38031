metadata description = 'Service Bus: the queue for alerts that the service could not receive, and the topic for its events.'

import { roles } from '../govern/builtInRoles.bicep'
import { zoneNames } from '../network/privateDnsZone.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the namespace: globally unique.')
param namespaceName string

@description('Only Premium has private endpoints.')
param tier ('Standard' | 'Premium')

@description('Name of the service\'s identity.')
param identityName string

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Name of the virtual network that the private endpoint is in. null: reachable from the internet, by identity only.')
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
      // The function patrol may need minutes for a batch. While the store cannot be written, an alert is delivered
      // again after each lock duration, and must not reach the maximum.
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

module endpoint '../network/privateEndpoint.bicep' = if (networkName != null) {
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

// The newest version with category groups.
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

@description('Id of the namespace.')
output id string = namespace.id

@description('Host name of the namespace.')
output hostName string = '${namespace.name}.servicebus.windows.net'
