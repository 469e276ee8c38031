metadata description = 'One network security group: what its rules do not allow to come in does not.'

param groupName string
param location string
param tags { *: string }
param workspaceId string
@description('Who may reach which ports; empty: nobody.')
param admitted { from: string[], to: string, ports: string[] }?
@description('Whether what is in the subnet may call out.')
param callsOut bool

var everything = {
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
      [{ name: 'nothing-else-in', properties: union(everything, { direction: 'Inbound' }) }],
      callsOut ? [] : [{ name: 'nothing-out', properties: union(everything, { direction: 'Outbound' }) }]
    )
  }
}

// The newest version with groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: securityGroup
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

output id string = securityGroup.id
