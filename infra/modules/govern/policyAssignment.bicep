metadata description = 'The initiative on one resource group, and the identity and the tasks that put right what it finds.'

@description('Region of the identity.')
param location string

@description('Resource id of the initiative.')
param initiativeId string

@description('Audit says what is wrong; Deny refuses it, and makes diagnostic settings where they are missing.')
param effect ('Audit' | 'Deny')

@description('Resource id of the workspace that logs go to, in this resource group.')
param workspaceId string

@description('Regions in which resources may lie.')
param allowedLocations string[]

@description('Tags of the deployment.')
param tags { *: string }

var logs = loadJsonContent('../../policy/definitions/logs-to-workspace.json')
var repairs = effect == 'Deny'

resource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {
  name: 'secret-sharer'
  location: location
  identity: { type: repairs ? 'SystemAssigned' : 'None' }
  properties: {
    displayName: 'Secure Secret Sharer (${resourceGroup().name})'
    policyDefinitionId: initiativeId
    metadata: tags
    nonComplianceMessages: [{ message: 'infra/policy/README.md says why the service does not allow this.' }]
    parameters: {
      effect: { value: effect }
      existsEffect: { value: 'AuditIfNotExists' }
      deployEffect: { value: repairs ? 'DeployIfNotExists' : 'AuditIfNotExists' }
      workspaceId: { value: workspaceId }
      allowedLocations: { value: allowedLocations }
    }
  }
}

// The roles that the definition itself says its deployment takes, on this resource group and no more.
resource mayRepair 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in repairs ? logs.properties.policyRule.then.details.roleDefinitionIds : []: {
    name: guid(resourceGroup().id, assignment.name, role)
    properties: {
      principalId: assignment.identity.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', last(split(role, '/')))
    }
  }
]

// Policy sees what is deployed from now on by itself; what was there before, by this.
resource repair 'Microsoft.PolicyInsights/remediations@2024-10-01' = if (repairs) {
  name: 'secret-sharer-${logs.name}'
  dependsOn: [mayRepair]
  properties: {
    policyAssignmentId: assignment.id
    policyDefinitionReferenceId: logs.name
    resourceDiscoveryMode: 'ReEvaluateCompliance'
  }
}
