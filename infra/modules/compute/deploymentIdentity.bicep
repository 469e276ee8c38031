metadata description = 'The identity for package deployments from inside the virtual network. It may write the function app and nothing else.'

import { roles } from '../govern/builtInRoles.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the identity.')
param identityName string

@description('Name of the function app.')
param siteName string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: identityName
  location: location
  tags: tags
}

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: siteName
}

// infra/deploy.sh assigns the identity to a container in the subnet for deployments, and deletes the container afterwards.
resource toSite 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: site
  name: guid(site.id, identity.id)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.websiteContributor)
  }
}
