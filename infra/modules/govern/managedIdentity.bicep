metadata description = 'The identity of the service. Its role assignments are in the modules of the resources that it accesses.'

@description('Name of the identity.')
param identityName string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: identityName
  location: location
  tags: tags
}

@description('Id of the identity.')
output id string = identity.id

@description('Object id, for role assignments.')
output principalId string = identity.properties.principalId

@description('Client id, for tokens.')
output clientId string = identity.properties.clientId
