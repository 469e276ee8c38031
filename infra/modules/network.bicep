metadata description = 'The network of the hardened size: what runs, what it reaches, and who deploys it, each in a subnet of its own, behind rules of its own.'

import { zoneNames } from 'zones.bicep'

@description('Name of the network, and of what belongs to it.')
param networkName string
param location string
param tags { *: string }
param workspaceId string
@description('An address range of /22 that nothing peered with it uses.')
param range string

var subnetRanges = {
  firewall: cidrSubnet(range, 26, 0)
  functions: cidrSubnet(range, 26, 1)
  endpoints: cidrSubnet(range, 26, 2)
  deployment: cidrSubnet(range, 26, 3)
}

// The first that Azure gives out in a subnet.
var firewallAddress = cidrHost(subnetRanges.firewall, 3)

module callers 'securityGroup.bicep' = {
  params: {
    groupName: 'nsg-${networkName}-callers'
    location: location
    tags: tags
    workspaceId: workspaceId
    callsOut: true
  }
}

module endpoints 'securityGroup.bicep' = {
  params: {
    groupName: 'nsg-${networkName}-endpoints'
    location: location
    tags: tags
    workspaceId: workspaceId
    admitted: {
      from: [subnetRanges.functions, subnetRanges.deployment]
      to: subnetRanges.endpoints
      ports: ['443', '5671']
    }
    callsOut: false
  }
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: networkName
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [range] }
    // The firewall answers for names too, so that it admits what the callers meant.
    // scan:skip=CKV_AZURE_182 the firewall is the one resolver, redundant over three zones by itself
    dhcpOptions: { dnsServers: [firewallAddress] }
  }
}

module subnets 'subnets.bicep' = {
  params: {
    networkName: network.name
    location: location
    tags: tags
    ranges: subnetRanges
    firewallAddress: firewallAddress
    callersGroupId: callers.outputs.id
    endpointsGroupId: endpoints.outputs.id
  }
}

module dns 'dns.bicep' = [
  for zone in items(zoneNames): {
    params: {
      zoneName: zone.value
      tags: tags
      networkId: network.id
    }
  }
]

// The newest version with groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: network
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output firewallSubnetId string = subnets.outputs.firewallId
output functionsRange string = subnetRanges.functions
output deploymentRange string = subnetRanges.deployment
