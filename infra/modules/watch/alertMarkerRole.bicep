metadata description = 'The custom role to mark alerts of Defender for Cloud as in progress, assigned to the playbook.'

targetScope = 'subscription'

@description('Name of the environment.')
param name string

@description('Object id of the playbook\'s identity.')
param principalId string

// Marking an alert needs Microsoft.Security/locations/alerts/inprogress/action. The provider does not list this
// operation, and Azure refuses a role with an operation that is not listed. Hence a wildcard without the listed ones.
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
