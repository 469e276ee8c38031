metadata description = 'A private DNS zone, linked to the virtual network.'

@export()
@description('Names of the private DNS zones by service.')
var zoneNames = {
  table: 'privatelink.table.${environment().suffixes.storage}'
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  vault: 'privatelink.vaultcore.azure.net'
  namespace: 'privatelink.servicebus.windows.net'
  sites: 'privatelink.azurewebsites.net'
}

@description('Name of the zone.')
param zoneName string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of the virtual network.')
param networkId string

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: 'network'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: networkId }
    }
  }
}

@description('Id of the zone.')
output id string = zone.id
