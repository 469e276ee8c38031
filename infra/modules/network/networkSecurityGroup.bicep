metadata description = 'A network security group that denies all inbound traffic except by one rule.'

@description('Name of the group.')
param groupName string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Inbound traffic to allow: source ranges, destination range, TCP ports. null: none.')
param admitted { from: string[], to: string, ports: string[] }?

@description('Whether outbound traffic is allowed.')
param outboundAllowed bool

var denyAll = {
  access: 'Deny'
  priority: 4096
  protocol: '*'
  sourceAddressPrefix: '*'
  sourcePortRange: '*'
  destinationAddressPrefix: '*'
  destinationPortRange: '*'
}

resource securityGroup 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: groupName
  location: location
  tags: tags
  properties: {
    securityRules: concat(
      admitted == null
        ? []
        : [
            {
              name: 'admitted'
              properties: {
                access: 'Allow'
                direction: 'Inbound'
                priority: 100
                protocol: 'Tcp'
                sourceAddressPrefixes: admitted!.from
                sourcePortRange: '*'
                destinationAddressPrefix: admitted!.to
                destinationPortRanges: admitted!.ports
              }
            }
          ],
      [{ name: 'nothing-else-in', properties: union(denyAll, { direction: 'Inbound' }) }],
      outboundAllowed ? [] : [{ name: 'nothing-out', properties: union(denyAll, { direction: 'Outbound' }) }]
    )
  }
}

// The newest version with category groups.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: securityGroup
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

@description('Id of the group.')
output id string = securityGroup.id
