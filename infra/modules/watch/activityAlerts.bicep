metadata description = 'Alerts on the activity log: changes of security settings, and incidents of Azure. They are free.'

@description('Name of the environment.')
param name string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of the action group.')
param actionGroupId string

// The operations that CIS wants alerts for, and those that could expose or destroy this service.
var changes = {
  'policy-assigned': 'Microsoft.Authorization/policyAssignments/write'
  'policy-unassigned': 'Microsoft.Authorization/policyAssignments/delete'
  'nsg-changed': 'Microsoft.Network/networkSecurityGroups/write'
  'nsg-deleted': 'Microsoft.Network/networkSecurityGroups/delete'
  'security-solution-changed': 'Microsoft.Security/securitySolutions/write'
  'security-solution-deleted': 'Microsoft.Security/securitySolutions/delete'
  'sql-firewall-changed': 'Microsoft.Sql/servers/firewallRules/write'
  'sql-firewall-deleted': 'Microsoft.Sql/servers/firewallRules/delete'
  'public-ip-changed': 'Microsoft.Network/publicIPAddresses/write'
  'public-ip-deleted': 'Microsoft.Network/publicIPAddresses/delete'
  'role-assigned': 'Microsoft.Authorization/roleAssignments/write'
  'vault-changed': 'Microsoft.KeyVault/vaults/write'
  'vault-deleted': 'Microsoft.KeyVault/vaults/delete'
  'defender-plan-changed': 'Microsoft.Security/pricings/write'
}

resource change 'Microsoft.Insights/activityLogAlerts@2026-01-01' = [
  for c in items(changes): {
    name: '${c.key}-${name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${c.value}: see "Alerts" in docs/operations.md.'
      enabled: true
      scopes: [subscription().id]
      condition: {
        allOf: [
          { field: 'category', equals: 'Administrative' }
          { field: 'operationName', equals: c.value }
        ]
      }
      actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
    }
  }
]

resource serviceHealth 'Microsoft.Insights/activityLogAlerts@2026-01-01' = {
  name: 'service-health-${name}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Incident or planned maintenance of Azure: see "Alerts" in docs/operations.md.'
    enabled: true
    scopes: [subscription().id]
    condition: { allOf: [{ field: 'category', equals: 'ServiceHealth' }] }
    actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
  }
}
