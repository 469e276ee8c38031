metadata description = 'The custom role for keys: create, use, disable and delete them, and nothing else.'

targetScope = 'subscription'

@description('Name of the environment and its suffix, for the display name of the role.')
param name string

@description('GUID of the role definition.')
param roleDefinitionName string

@description('Id of the resource group in which the role can be assigned.')
param scope string

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: roleDefinitionName
  properties: {
    roleName: 'Secret Sharer Keys (${name})'
    description: 'Creates, uses, disables and deletes keys. Cannot export, sign, recover or purge.'
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
