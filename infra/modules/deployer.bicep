metadata description = 'Who deploys a package from inside of the network: an identity that may write the function app, and nothing else.'

import { roles } from 'roles.bicep'

param location string
param tags { *: string }
param identityName string
@description('The function app.')
param siteName string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: identityName
  location: location
  tags: tags
}

// scan:skip=b5c851d5-00f1-43dc-a8de-3218fd6f71be functions.bicep makes the site, with TLS 1.3; here it only exists
resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: siteName
}

// infra/deploy.sh lends it to a container in the subnet for deployments, for as long as one deployment takes.
resource toSite 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: site
  name: guid(site.id, identity.id)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.websiteContributor)
  }
}
