metadata description = 'Lets the playbook put alerts on the queue defender-alerts, and on no other.'

import { roles } from 'roles.bicep'

@description('Name of the Service Bus namespace.')
param busNamespace string

@description('Object id of the identity of the playbook that sets holds.')
param principalId string

resource bus 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: busNamespace

  resource queue 'queues' existing = {
    name: 'defender-alerts'
  }
}

resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  // By place and role: the object id is known only once the playbook is there.
  name: guid(bus::queue.id, 'playbook', roles.serviceBusDataSender)
  scope: bus::queue
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}
