metadata description = 'The subscription\'s activity log, in the workspace: who changed what in Resource Manager.'

targetScope = 'subscription'

@description('Short name of the deployment.')
param name string

@description('Resource id of the workspace.')
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

#disable-next-line use-recent-api-versions // the one stable version, of 2016, is not for subscriptions
resource activity 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'activity-${name}'
  properties: {
    workspaceId: workspaceId
    logs: [for category in categories: { category: category, enabled: true }]
  }
}
