metadata description = 'The virtual network of the hardened size: subnets for the firewall, the functions, the private endpoints and package deployments, with their security groups, one route through the firewall, and the private DNS zones.'

import { zoneNames } from 'privateDnsZone.bicep'

@description('Name of the network. The names of the security groups and the route table contain it.')
param networkName string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Address range, /22, that no peered network uses.')
param range string

var ranges = {
  firewall: cidrSubnet(range, 26, 0)
  functions: cidrSubnet(range, 26, 1)
  endpoints: cidrSubnet(range, 26, 2)
  deployment: cidrSubnet(range, 26, 3)
}

// Azure assigns the first usable address of the subnet.
var firewallAddress = cidrHost(ranges.firewall, 3)

module callers 'networkSecurityGroup.bicep' = {
  params: {
    groupName: 'nsg-${networkName}-callers'
    location: location
    tags: tags
    workspaceId: workspaceId
    outboundAllowed: true
  }
}

module endpoints 'networkSecurityGroup.bicep' = {
  params: {
    groupName: 'nsg-${networkName}-endpoints'
    location: location
    tags: tags
    workspaceId: workspaceId
    admitted: {
      from: [ranges.functions, ranges.deployment]
      to: ranges.endpoints
      ports: ['443', '5671']
    }
    outboundAllowed: false
  }
}

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

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: networkName
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [range] }
    // The firewall resolves names too: it admits exactly the addresses that the callers got.
    // scan:skip=CKV_AZURE_182 the firewall is the only resolver; it is redundant over three zones
    dhcpOptions: { dnsServers: [firewallAddress] }
  }

  // Azure changes one subnet of a network at a time, hence the chain of dependsOn.
  resource firewall 'subnets' = {
    name: 'AzureFirewallSubnet'
    properties: {
      addressPrefix: ranges.firewall
      defaultOutboundAccess: false
    }
  }

  resource functions 'subnets' = {
    name: 'functions'
    dependsOn: [firewall]
    properties: {
      addressPrefix: ranges.functions
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
      addressPrefix: ranges.endpoints
      defaultOutboundAccess: false
      networkSecurityGroup: { id: endpoints.outputs.id }
      privateEndpointNetworkPolicies: 'Enabled'
    }
  }

  // infra/deploy.sh runs a container here. Nothing is open to it.
  resource deployment 'subnets' = {
    name: 'deployment'
    dependsOn: [links]
    properties: {
      addressPrefix: ranges.deployment
      defaultOutboundAccess: false
      delegations: [{ name: 'runner', properties: { serviceName: 'Microsoft.ContainerInstance/containerGroups' } }]
      networkSecurityGroup: { id: callers.outputs.id }
      routeTable: { id: routes.id }
    }
  }
}

module dns 'privateDnsZone.bicep' = [
  for zone in items(zoneNames): {
    params: {
      zoneName: zone.value
      tags: tags
      networkId: network.id
    }
  }
]

// The newest version with category groups.
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

@description('Id of the firewall\'s subnet.')
output firewallSubnetId string = network::firewall.id

@description('Address range of the function app\'s subnet.')
output functionsRange string = ranges.functions

@description('Address range of the subnet for package deployments.')
output deploymentRange string = ranges.deployment
