metadata description = 'The assignment of the initiative to the resource group, with the identity and the task that add missing diagnostic settings.'

@description('Azure region, for the identity of the assignment.')
param location string

@description('Id of the initiative.')
param initiativeId string

@description('Audit reports what does not comply. Deny refuses it, and adds missing diagnostic settings.')
param effect ('Audit' | 'Deny')

@description('Id of the Log Analytics workspace, in this resource group.')
param workspaceId string

@description('Regions that resources may be in.')
param allowedLocations string[]

@description('Tags of every resource.')
param tags { *: string }

var logs = loadJsonContent('../../policy/definitions/logs-to-workspace.json')
var remediates = effect == 'Deny'

resource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {
  name: 'secret-sharer'
  location: location
  identity: { type: remediates ? 'SystemAssigned' : 'None' }
  properties: {
    displayName: 'Secure Secret Sharer (${resourceGroup().name})'
    policyDefinitionId: initiativeId
    metadata: tags
    nonComplianceMessages: [{ message: 'Not allowed for this service: see infra/policy/README.md.' }]
    parameters: {
      effect: { value: effect }
      deployEffect: { value: remediates ? 'DeployIfNotExists' : 'AuditIfNotExists' }
      workspaceId: { value: workspaceId }
      allowedLocations: { value: allowedLocations }
    }
  }
}

// The roles that the definition needs for its deployments, on this resource group only.
resource remediationRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in remediates ? logs.properties.policyRule.then.details.roleDefinitionIds : []: {
    name: guid(resourceGroup().id, assignment.name, role)
    properties: {
      principalId: assignment.identity.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', last(split(role, '/')))
    }
  }
]

// New resources are remediated automatically, existing ones by this task.
resource remediation 'Microsoft.PolicyInsights/remediations@2024-10-01' = if (remediates) {
  name: 'secret-sharer-${logs.name}'
  dependsOn: [remediationRoles]
  properties: {
    policyAssignmentId: assignment.id
    policyDefinitionReferenceId: logs.name
    resourceDiscoveryMode: 'ReEvaluateCompliance'
  }
}
