metadata description = 'What the service may do with keys: as few operations as making, using and retiring them takes.'

targetScope = 'subscription'

param name string
@description('A GUID, the name of the role\'s definition.')
param roleDefinitionName string
@description('Id of the resource group in which the role can be given.')
param scope string

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: roleDefinitionName
  properties: {
    roleName: 'Secret Sharer Keys (${name})'
    description: 'Makes, uses, disables and deletes keys. Exports, signs with, recovers and purges none.'
    type: 'CustomRole'
    assignableScopes: [scope]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.KeyVault/vaults/keys/read'
          'Microsoft.KeyVault/vaults/keys/create/action'
          'Microsoft.KeyVault/vaults/keys/update/action'
          'Microsoft.KeyVault/vaults/keys/delete'
          'Microsoft.KeyVault/vaults/keys/unwrap/action'
        ]
        notDataActions: []
      }
    ]
  }
}
