metadata description = 'What wakes somebody: queries over the handler\'s log lines (queries/*.kql), and metrics. docs/operations.md says what to do about each.'

import { logRules } from 'rules.bicep'

@description('Short name of the deployment.')
param name string

@description('Azure region.')
param location string

@description('Tags on everything.')
param tags { *: string }

@description('Resource id of the workspace.')
param workspaceId string

@description('Resource id of Application Insights.')
param applicationInsightsId string

@description('Resource id of the action group.')
param actionGroupId string

@description('Resource id of the function app.')
param functionAppId string

@description('Resource id of the Service Bus namespace. Empty: none.')
param busId string = ''

@description('Resource ids of the playbooks.')
param playbookIds string[] = []

@description('How often the queries that matter most are asked. Each rule costs by it.')
@allowed(['PT5M', 'PT15M'])
param often string = 'PT5M'

// Without a queue nothing is drained from it.
var rules = empty(busId) ? filter(items(logRules), r => r.key != 'refused') : items(logRules)

resource rule 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for r in rules: {
    name: '${r.key}-${name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Secret sharer ${name}: ${r.key}'
      description: 'See "Alerts" in docs/operations.md.'
      enabled: true
      severity: r.value.severity
      scopes: [workspaceId]
      evaluationFrequency: r.value.?every ?? often
      windowSize: r.value.window
      // A rule that looks back two days keeps no state, and says so each day.
      autoMitigate: r.value.window != 'P2D'
      // In a new workspace a table is there only once something was written to it.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: r.value.query
            timeAggregation: contains(r.value, 'measure') ? 'Maximum' : 'Count'
            metricMeasureColumn: r.value.?measure
            operator: 'GreaterThan'
            threshold: r.value.above
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [actionGroupId] }
    }
  }
]

module metrics 'metrics.bicep' = {
  params: {
    name: name
    tags: tags
    applicationInsightsId: applicationInsightsId
    actionGroupId: actionGroupId
    functionAppId: functionAppId
    busId: busId
    playbookIds: playbookIds
  }
}
