metadata description = 'What must not change: the policies of infra/policy as one initiative, assigned to the resource group of the service.'

targetScope = 'subscription'

@description('Region of the identity by which missing diagnostic settings are made.')
param location string

@description('Audit says what is wrong; Deny refuses it, and makes diagnostic settings where they are missing.')
param effect ('Audit' | 'Deny')

@description('Resource id of the workspace that logs go to.')
param workspaceId string

@description('Regions in which resources may lie.')
@minLength(1)
param allowedLocations string[]

@description('Resource group of the service, to which the initiative is assigned.')
param resourceGroupName string

@description('Tags of the deployment; they say whose initiative it is.')
param tags { *: string }

// In the order of docs: what opens, what reaches, what keeps, what runs, what sees.
var definitions = [
  loadJsonContent('../../policy/definitions/storage-shared-key-off.json')
  loadJsonContent('../../policy/definitions/storage-anonymous-off.json')
  loadJsonContent('../../policy/definitions/local-auth-off.json')
  loadJsonContent('../../policy/definitions/public-network-off.json')
  loadJsonContent('../../policy/definitions/private-endpoint-storage.json')
  loadJsonContent('../../policy/definitions/private-endpoint-vault.json')
  loadJsonContent('../../policy/definitions/private-endpoint-bus.json')
  loadJsonContent('../../policy/definitions/private-endpoint-functions.json')
  loadJsonContent('../../policy/definitions/minimum-tls.json')
  loadJsonContent('../../policy/definitions/https-only.json')
  loadJsonContent('../../policy/definitions/vault-purge-protection.json')
  loadJsonContent('../../policy/definitions/vault-roles-only.json')
  loadJsonContent('../../policy/definitions/functions-run-by-identity.json')
  loadJsonContent('../../policy/definitions/page-is-files-only.json')
  loadJsonContent('../../policy/definitions/allowed-regions.json')
  loadJsonContent('../../policy/definitions/logs-to-workspace.json')
]
var ofRoles = loadJsonContent('../../policy/definitions/roles-without-wildcards.json')

resource policies 'Microsoft.Authorization/policyDefinitions@2025-03-01' = [
  for one in definitions: {
    name: 'secret-sharer-${one.name}'
    properties: union(one.properties, { policyType: 'Custom' })
  }
]

// A parameter means the same in every definition that has it, so the initiative has it once.
resource initiative 'Microsoft.Authorization/policySetDefinitions@2025-03-01' = {
  name: 'secret-sharer'
  properties: {
    policyType: 'Custom'
    displayName: 'Secure Secret Sharer'
    description: 'What the service promises of its resources, held against later changes.'
    metadata: { category: 'Security', version: '1.0.0' }
    parameters: reduce(map(definitions, one => one.properties.parameters), {}, (all, some) => union(all, some))
    policyDefinitions: [
      for (one, i) in definitions: {
        policyDefinitionReferenceId: one.name
        policyDefinitionId: policies[i].id
        parameters: toObject(
          objectKeys(one.properties.parameters),
          parameter => parameter,
          parameter => { value: '[parameters(\'${parameter}\')]' }
        )
      }
    ]
  }
}

module assignment 'policyAssignment.bicep' = {
  scope: resourceGroup(resourceGroupName)
  params: {
    location: location
    initiativeId: initiative.id
    effect: effect
    workspaceId: workspaceId
    allowedLocations: allowedLocations
    tags: tags
  }
}

// Roles are the subscription's, and may be others': it is only said of them.
resource aboutRoles 'Microsoft.Authorization/policyDefinitions@2025-03-01' = {
  name: 'secret-sharer-${ofRoles.name}'
  properties: union(ofRoles.properties, { policyType: 'Custom' })
}

resource ofSubscription 'Microsoft.Authorization/policyAssignments@2025-03-01' = {
  name: 'secret-sharer-roles'
  properties: {
    displayName: ofRoles.properties.displayName
    policyDefinitionId: aboutRoles.id
    parameters: { effect: { value: 'Audit' } }
  }
}

@description('Resource id of the initiative.')
output initiativeId string = initiative.id
