metadata description = 'What the playbook may do to alerts of Defender for Cloud: mark them as in progress, and nothing else.'

targetScope = 'subscription'

@description('Short name of the deployment.')
param name string

@description('Object id of the identity of the playbook that sets holds.')
param principalId string

// The call that sets an alert in progress wants Microsoft.Security/locations/alerts/inprogress/action, which is not
// among the operations that the provider lists (dismiss, activate, resolve, simulate), and a role that names an
// operation that is not listed is refused. So the last segment is left open, and all that is listed taken out again.
resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'marker', name)
  properties: {
    roleName: 'Secret sharer alert marker (${name})'
    description: 'Marks alerts of Defender for Cloud as in progress.'
    type: 'CustomRole'
    permissions: [
      {
        actions: ['Microsoft.Security/locations/alerts/*/action']
        notActions: [
          'Microsoft.Security/locations/alerts/activate/action'
          'Microsoft.Security/locations/alerts/dismiss/action'
          'Microsoft.Security/locations/alerts/resolve/action'
          'Microsoft.Security/locations/alerts/simulate/action'
        ]
        dataActions: []
        notDataActions: []
      }
    ]
    assignableScopes: [subscription().id]
  }
}

resource mayMark 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, 'marker-assigned', name)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: role.id
  }
}
