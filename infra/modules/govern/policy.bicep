metadata description = 'The Azure policies that keep the deployment as it was reviewed: an initiative of built-in definitions and our own, assigned to the resource group. See infra/policy/README.md.'

targetScope = 'subscription'

@description('Azure region, for the identity of the assignment.')
param location string

@description('Audit reports what does not comply. Deny refuses it, and adds missing diagnostic settings.')
param effect ('Audit' | 'Deny')

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Regions that resources may be in.')
@minLength(1)
param allowedLocations string[]

@description('Name of the resource group.')
param resourceGroupName string

@description('Whether Service Bus has the Premium tier. Standard has no private network.')
param premiumBus bool

@description('Tags of every resource.')
param tags { *: string }

type builtInDefinition = {
  @description('Name within the initiative.')
  name: string
  @description('GUID of the definition.')
  id: string
  @description('Parameters of the definition, each with the parameter of the initiative that it gets its value from.')
  parameters: { *: ('effect' | 'existsEffect' | 'auditEffect' | 'allowedLocations') }
}

var ofPremiumBus builtInDefinition[] = [
  { name: 'bus-public-network-off', id: 'cbd11fd3-3002-4907-b6c8-579f0e700e13', parameters: { effect: 'effect' } }
]

var builtIn builtInDefinition[] = concat(premiumBus ? ofPremiumBus : [], [
  { name: 'storage-shared-key-off', id: '8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54', parameters: { effect: 'effect' } }
  { name: 'storage-anonymous-off', id: '4fa4b6c0-31ca-4c0d-b10d-24b96f62a751', parameters: { effect: 'effect' } }
  { name: 'bus-local-auth-off', id: 'cfb11c26-f069-4c14-8e36-56c394dae5af', parameters: { effect: 'effect' } }
  { name: 'insights-local-auth-off', id: '199d5677-e4d9-4264-9465-efe1839c06bd', parameters: { effect: 'effect' } }
  { name: 'workspace-local-auth-off', id: 'e15effd4-2278-4c65-a0da-4d6f6d1890e2', parameters: { effect: 'effect' } }
  { name: 'storage-public-network-off', id: 'b2982f36-99f2-4db5-8eff-283140c09693', parameters: { effect: 'effect' } }
  { name: 'vault-public-network-off', id: '405c5871-3e91-4644-8a63-58e19d68ff5b', parameters: { effect: 'effect' } }
  { name: 'functions-public-network-off', id: '969ac98b-88a8-449f-883c-2e9adb123127', parameters: { effect: 'effect' } }
  { name: 'storage-private-link', id: '6edd7eda-6dd8-40f7-810d-67160c639cd9', parameters: { effect: 'existsEffect' } }
  {
    name: 'vault-private-link'
    id: 'a6abeaec-4d90-4a02-805f-6b26c4d3fbe9'
    parameters: { audit_effect: 'auditEffect' }
  }
  { name: 'bus-private-link', id: '1c06e275-d63d-4540-b761-71f364c2111d', parameters: { effect: 'existsEffect' } }
  { name: 'functions-private-link', id: '687aa49d-0982-40f8-bf6b-66d1da97a04b', parameters: { effect: 'existsEffect' } }
  { name: 'storage-https-only', id: '404c3081-a854-4457-ae30-26a93ef643f9', parameters: { effect: 'effect' } }
  { name: 'functions-https-only', id: '6d555dd1-86f2-4f1c-8ed7-5abae7c6cbab', parameters: { effect: 'effect' } }
  { name: 'vault-purge-protection', id: '0b60c0b2-2dc2-4e1c-b5c9-abbed971de53', parameters: { effect: 'effect' } }
  { name: 'vault-roles-only', id: '12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5', parameters: { effect: 'effect' } }
  {
    name: 'allowed-regions'
    id: 'e56962a6-4747-49cd-b67b-bf8b01975c4c'
    parameters: { effect: 'effect', listOfAllowedLocations: 'allowedLocations' }
  }
])

var ours = [
  loadJsonContent('../../policy/definitions/minimum-tls.json')
  loadJsonContent('../../policy/definitions/functions-run-by-identity.json')
  loadJsonContent('../../policy/definitions/page-is-files-only.json')
  loadJsonContent('../../policy/definitions/logs-to-workspace.json')
]
var roleDefinitions = loadJsonContent('../../policy/definitions/roles-without-wildcards.json')

resource definitions 'Microsoft.Authorization/policyDefinitions@2025-03-01' = [
  for definition in ours: {
    name: 'secret-sharer-${definition.name}'
    properties: union(definition.properties, { policyType: 'Custom' })
  }
]

// A parameter has the same meaning in all of our definitions, so the initiative has it once.
var parametersOfOurs = reduce(
  map(ours, definition => definition.properties.parameters),
  {},
  (all, some) => union(all, some)
)

resource initiative 'Microsoft.Authorization/policySetDefinitions@2025-03-01' = {
  name: 'secret-sharer'
  dependsOn: [definitions]
  properties: {
    policyType: 'Custom'
    displayName: 'Secure Secret Sharer'
    description: 'Keeps the resources of the service as they were reviewed.'
    metadata: { category: 'Security', version: '2.0.0' }
    parameters: union(parametersOfOurs, {
      existsEffect: {
        type: 'String'
        allowedValues: ['AuditIfNotExists', 'Disabled']
        defaultValue: 'AuditIfNotExists'
        metadata: { displayName: 'Effect of definitions about private endpoints' }
      }
      auditEffect: {
        type: 'String'
        allowedValues: ['Audit', 'Disabled']
        defaultValue: 'Audit'
        metadata: { displayName: 'Effect of definitions that can only audit' }
      }
      allowedLocations: { type: 'Array', metadata: { displayName: 'Regions', strongType: 'location' } }
    })
    policyDefinitions: concat(
      map(builtIn, definition => {
        policyDefinitionReferenceId: definition.name
        policyDefinitionId: tenantResourceId('Microsoft.Authorization/policyDefinitions', definition.id)
        parameters: mapValues(definition.parameters, parameter => { value: '[parameters(\'${parameter}\')]' })
      }),
      map(ours, definition => {
        policyDefinitionReferenceId: definition.name
        policyDefinitionId: subscriptionResourceId(
          'Microsoft.Authorization/policyDefinitions',
          'secret-sharer-${definition.name}'
        )
        parameters: toObject(
          objectKeys(definition.properties.parameters),
          parameter => parameter,
          parameter => { value: '[parameters(\'${parameter}\')]' }
        )
      })
    )
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

// Roles belong to the subscription, which may hold other services: only audited.
resource roleDefinition 'Microsoft.Authorization/policyDefinitions@2025-03-01' = {
  name: 'secret-sharer-${roleDefinitions.name}'
  properties: union(roleDefinitions.properties, { policyType: 'Custom' })
}

resource roleAssignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {
  name: 'secret-sharer-roles'
  properties: {
    displayName: roleDefinitions.properties.displayName
    policyDefinitionId: roleDefinition.id
    parameters: { effect: { value: 'Audit' } }
  }
}
