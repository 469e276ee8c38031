metadata description = 'The subnets, one after the other as Azure wants them, and the one way out of those that call.'

param networkName string
param location string
param tags { *: string }
@description('Address ranges.')
param ranges { firewall: string, functions: string, endpoints: string, deployment: string }
param firewallAddress string
@description('The security group of what calls out.')
param callersGroupId string
@description('The security group of the private endpoints.')
param endpointsGroupId string

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

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' existing = {
  name: networkName

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
      networkSecurityGroup: { id: callersGroupId }
      routeTable: { id: routes.id }
    }
  }

  resource links 'subnets' = {
    name: 'endpoints'
    dependsOn: [functions]
    properties: {
      addressPrefix: ranges.endpoints
      defaultOutboundAccess: false
      networkSecurityGroup: { id: endpointsGroupId }
      privateEndpointNetworkPolicies: 'Enabled'
    }
  }

  // Where a package is deployed from: a container that runs once, with nothing open to it.
  resource deployment 'subnets' = {
    name: 'deployment'
    dependsOn: [links]
    properties: {
      addressPrefix: ranges.deployment
      defaultOutboundAccess: false
      delegations: [{ name: 'runner', properties: { serviceName: 'Microsoft.ContainerInstance/containerGroups' } }]
      networkSecurityGroup: { id: callersGroupId }
      routeTable: { id: routes.id }
    }
  }
}

output firewallId string = network::firewall.id
