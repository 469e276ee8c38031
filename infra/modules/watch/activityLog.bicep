metadata description = 'Sends the subscription\'s activity log to the workspace.'

targetScope = 'subscription'

@description('Name of the environment.')
param name string

@description('Id of the Log Analytics workspace.')
param workspaceId string

var categories = [
  'Administrative'
  'Security'
  'ServiceHealth'
  'Alert'
  'Recommendation'
  'Policy'
  'Autoscale'
  'ResourceHealth'
]

#disable-next-line use-recent-api-versions // the only stable version, of 2016, does not support subscriptions
resource activity 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'activity-${name}'
  properties: {
    workspaceId: workspaceId
    logs: [for category in categories: { category: category, enabled: true }]
  }
}
