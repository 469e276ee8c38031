metadata description = 'The network of the hardened size: what runs, what it reaches, and who deploys it, each in a subnet of its own.'

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

resource routes 'Microsoft.Network/routeTables@2025-05-01' = {
  name: 'rt-${networkName}'
  location: location
  tags: tags
  properties: {
    disableBgpRoutePropagation: true
    routes: [
      {
        name: 'everything-through-the-firewall'
        properties: {
          addressPrefix: '0.0.0.0/0'
          nextHopType: 'VirtualAppliance'
          nextHopIpAddress: firewallAddress
        }
      }
    ]
  }
}

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

  resource firewall 'subnets' = {
    name: 'AzureFirewallSubnet'
    properties: {
      addressPrefix: subnetRanges.firewall
      defaultOutboundAccess: false
    }
  }

  resource functions 'subnets' = {
    name: 'functions'
    dependsOn: [firewall]
    properties: {
      addressPrefix: subnetRanges.functions
      defaultOutboundAccess: false
      delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
      networkSecurityGroup: { id: callers.outputs.id }
      routeTable: { id: routes.id }
    }
  }

  resource links 'subnets' = {
    name: 'endpoints'
    dependsOn: [functions]
    properties: {
      addressPrefix: subnetRanges.endpoints
      defaultOutboundAccess: false
      networkSecurityGroup: { id: endpoints.outputs.id }
      privateEndpointNetworkPolicies: 'Enabled'
    }
  }

  // Where a package is deployed from: a container that runs once, with nothing open to it.
  resource deployment 'subnets' = {
    name: 'deployment'
    dependsOn: [links]
    properties: {
      addressPrefix: subnetRanges.deployment
      defaultOutboundAccess: false
      delegations: [{ name: 'runner', properties: { serviceName: 'Microsoft.ContainerInstance/containerGroups' } }]
      networkSecurityGroup: { id: callers.outputs.id }
      routeTable: { id: routes.id }
    }
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

output firewallSubnetId string = network::firewall.id
output functionsRange string = subnetRanges.functions
output deploymentRange string = subnetRanges.deployment
