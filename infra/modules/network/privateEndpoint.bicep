metadata description = 'A private endpoint: an address in the virtual network for a resource, to which its host name resolves.'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the virtual network, with the subnet endpoints.')
param networkName string

@description('Name of the target resource. The name of the endpoint contains it.')
param target string

@description('Id of the target resource.')
param targetId string

@description('Subresource of the target: table, blob, vault, namespace or sites.')
param service string

@description('Name of the private DNS zone.')
param zoneName string

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' existing = {
  name: networkName

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: zoneName
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: 'pe-${target}-${service}'
  location: location
  tags: tags
  properties: {
    customNetworkInterfaceName: 'nic-${target}-${service}'
    subnet: { id: network::endpoints.id }
    privateLinkServiceConnections: [
      {
        name: service
        properties: {
          privateLinkServiceId: targetId
          groupIds: [service]
        }
      }
    ]
  }

  resource dns 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service
          properties: { privateDnsZoneId: zone.id }
        }
      ]
    }
  }
}
