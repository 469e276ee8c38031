metadata description = 'Alerts on metrics and resource health: dead letters on Service Bus, failed playbook runs, exceptions of the Functions host, unhealthy resources.'

@description('Name of the environment.')
param name string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of Application Insights.')
param applicationInsightsId string

@description('Id of the action group.')
param actionGroupId string

@description('Id of the function app.')
param functionAppId string

@description('Id of the Service Bus namespace. Empty: none.')
param busId string

@description('Ids of the playbooks.')
param playbookIds string[]

var bus = empty(busId)
  ? {}
  : {
      'dead-letters': {
        of: busId
        metric: 'DeadletteredMessages'
        namespace: 'Microsoft.ServiceBus/namespaces'
        aggregation: 'Maximum'
        above: 0
        dimension: 'EntityName'
      }
    }

var playbooks = toObject(
  playbookIds,
  id => 'failed-${last(split(id, '/'))}',
  id => { of: id, metric: 'RunsFailed', namespace: 'Microsoft.Logic/workflows', aggregation: 'Total', above: 0 }
)

var metrics = union(bus, playbooks, {
  exceptions: {
    of: applicationInsightsId
    metric: 'exceptions/count'
    namespace: 'microsoft.insights/components'
    aggregation: 'Count'
    above: 10
  }
})

resource metric 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for m in items(metrics): {
    name: '${m.key}-${name}'
    location: 'global'
    tags: tags
    properties: {
      description: 'See "Alerts" in docs/operations.md.'
      enabled: true
      severity: m.key == 'exceptions' ? 2 : 1
      scopes: [m.value.of]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: m.key
            metricNamespace: m.value.namespace
            metricName: m.value.metric
            timeAggregation: m.value.aggregation
            operator: 'GreaterThan'
            threshold: m.value.above
            dimensions: contains(m.value, 'dimension')
              ? [{ name: m.value.dimension, operator: 'Include', values: ['*'] }]
              : []
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]

resource unhealthy 'Microsoft.Insights/activityLogAlerts@2026-01-01' = {
  name: 'unhealthy-${name}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure reports a resource as unhealthy: see "Alerts" in docs/operations.md.'
    enabled: true
    scopes: union([functionAppId], empty(busId) ? [] : [busId])
    condition: {
      allOf: [
        { field: 'category', equals: 'ResourceHealth' }
        {
          anyOf: [
            { field: 'properties.currentHealthStatus', equals: 'Degraded' }
            { field: 'properties.currentHealthStatus', equals: 'Unavailable' }
          ]
        }
      ]
    }
    actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
  }
}
