metadata description = 'The way out: a firewall that lets through what the service calls by name, and nothing else.'

param name string
param location string
param tags { *: string }
param workspaceId string
param subnetId string
@description('Who may call which names by HTTPS. What has a private endpoint is not among them.')
param ways { name: string, from: string, to: string[] }[]
@description('Who may call the Service Bus.')
param busCaller string
@description('Name of the Service Bus, which is called by AMQP; empty where it has a private endpoint.')
param busHostName string

module address 'address.bicep' = {
  params: { addressName: 'pip-${name}-firewall', location: location, tags: tags, workspaceId: workspaceId }
}

resource policy 'Microsoft.Network/firewallPolicies@2025-05-01' = {
  name: 'afwp-${name}'
  location: location
  tags: tags
  properties: {
    sku: { tier: 'Standard' }
    threatIntelMode: 'Deny'
    dnsSettings: { enableProxy: true }
  }

  resource rules 'ruleCollectionGroups' = {
    name: 'allowed'
    properties: {
      priority: 200
      ruleCollections: concat(
        empty(busHostName)
          ? []
          : [
              {
                ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
                name: 'by-port'
                priority: 100
                action: { type: 'Allow' }
                rules: [
                  {
                    ruleType: 'NetworkRule'
                    name: 'bus'
                    ipProtocols: ['TCP']
                    sourceAddresses: [busCaller]
                    destinationFqdns: [busHostName]
                    destinationPorts: ['5671']
                  }
                ]
              }
            ],
        [
          {
            ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
            name: 'by-name'
            priority: 200
            action: { type: 'Allow' }
            rules: map(ways, way => {
              ruleType: 'ApplicationRule'
              name: way.name
              protocols: [{ protocolType: 'Https', port: 443 }]
              sourceAddresses: [way.from]
              targetFqdns: way.to
              terminateTLS: false
            })
          }
        ]
      )
    }
  }
}

// scan:skip=CKV_AZURE_216 threat intelligence denies by the policy above, where a firewall with a policy has it
resource firewall 'Microsoft.Network/azureFirewalls@2025-05-01' = {
  name: 'afw-${name}'
  location: location
  tags: tags
  zones: ['1', '2', '3']
  // A firewall takes its rules at once when they are there already.
  dependsOn: [policy::rules]
  properties: {
    sku: { name: 'AZFW_VNet', tier: 'Standard' }
    firewallPolicy: { id: policy.id }
    ipConfigurations: [
      {
        name: 'out'
        properties: {
          publicIPAddress: { id: address.outputs.id }
          subnet: { id: subnetId }
        }
      }
    ]
  }
}

// The newest version with groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: firewall
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}
