metadata description = 'Azure Firewall: outbound calls to the listed hosts only.'

@description('Name of the environment.')
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Id of AzureFirewallSubnet.')
param subnetId string

@description('HTTPS calls to allow: rule name, source range, hosts. Resources with a private endpoint are not called through the firewall.')
param rules { name: string, from: string, to: string[] }[]

@description('Source range that may call Service Bus.')
param busCaller string

@description('Host name of Service Bus, called by AMQP. Empty: it has a private endpoint.')
param busHostName string

module publicIp 'publicIp.bicep' = {
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

  resource allowed 'ruleCollectionGroups' = {
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
            rules: map(rules, rule => {
              ruleType: 'ApplicationRule'
              name: rule.name
              protocols: [{ protocolType: 'Https', port: 443 }]
              sourceAddresses: [rule.from]
              targetFqdns: rule.to
              terminateTLS: false
            })
          }
        ]
      )
    }
  }
}

// scan:skip=CKV_AZURE_216 a firewall with a policy has its threat intelligence mode there: Deny
resource firewall 'Microsoft.Network/azureFirewalls@2025-05-01' = {
  name: 'afw-${name}'
  location: location
  tags: tags
  zones: ['1', '2', '3']
  // Created after its rules, so that it never runs without them.
  dependsOn: [policy::allowed]
  properties: {
    sku: { name: 'AZFW_VNet', tier: 'Standard' }
    firewallPolicy: { id: policy.id }
    ipConfigurations: [
      {
        name: 'out'
        properties: {
          publicIPAddress: { id: publicIp.outputs.id }
          subnet: { id: subnetId }
        }
      }
    ]
  }
}

// The newest version with category groups.
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
