metadata description = 'The role assignment that lets the playbook send to the queue defender-alerts, and to no other.'

import { roles } from '../govern/builtInRoles.bicep'

@description('Name of the Service Bus namespace.')
param busNamespace string

@description('Object id of the playbook\'s identity.')
param principalId string

resource bus 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: busNamespace

  resource queue 'queues' existing = {
    name: 'defender-alerts'
  }
}

resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  // The name cannot contain the object id, which is known only after the playbook has been created.
  name: guid(bus::queue.id, 'playbook', roles.serviceBusDataSender)
  scope: bus::queue
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}
