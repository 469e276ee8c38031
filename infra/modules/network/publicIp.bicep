metadata description = 'A static public IP address in all zones.'

@description('Name of the address.')
param addressName string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of the Log Analytics workspace.')
param workspaceId string

resource address 'Microsoft.Network/publicIPAddresses@2025-05-01' = {
  name: addressName
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Regional' }
  zones: ['1', '2', '3']
  properties: {
    publicIPAllocationMethod: 'Static'
  }
}

// The newest version with category groups.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: address
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Id of the address.')
output id string = address.id
