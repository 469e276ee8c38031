metadata description = 'One private endpoint: a resource gets an address in the network, and its public name resolves to it.'

param location string
param tags { *: string }
@description('The network of network.bicep, which has the subnet and the zones.')
param networkName string
@description('Name of the resource that is reached, which the endpoint is named after.')
param target string
param targetId string
@description('Which of its services: table, blob, vault, namespace, sites.')
param service string
@description('The private DNS zone in which its name is found.')
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
