metadata description = 'Alerts on the logs: the queries of queries/*.kql. docs/operations.md describes what to do about each.'

@description('Name of the environment.')
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Id of the action group.')
param actionGroupId string

@description('Whether there is a queue of alerts.')
param hasQueue bool

@description('Interval of the most important queries. Azure bills each by it.')
@allowed(['PT5M', 'PT15M'])
param frequency string = 'PT5M'

// above: an alert fires if a window has more rows, or a greater value in the column measure. every: the
// interval, if it is not the parameter frequency. Severity: 0 the service is down, 1 it fails for some users,
// 2 it will fail, 3 information.
var logRules = {
  errors: { severity: 1, window: 'PT15M', above: 4, query: loadTextContent('queries/errors.kql') }
  latency: {
    severity: 2
    window: 'PT15M'
    above: 1000
    measure: 'milliseconds'
    query: loadTextContent('queries/latency.kql')
  }
  unsealing: { severity: 1, window: 'PT15M', above: 0, query: loadTextContent('queries/unsealing.kql') }
  holds: { severity: 1, window: 'PT15M', above: 0, query: loadTextContent('queries/holds.kql') }
  keys: { severity: 1, every: 'PT15M', window: 'PT15M', above: 0, query: loadTextContent('queries/keys.kql') }
  faults: { severity: 2, every: 'PT15M', window: 'PT15M', above: 0, query: loadTextContent('queries/faults.kql') }
  timers: { severity: 2, every: 'PT15M', window: 'PT30M', above: 2, query: loadTextContent('queries/timers.kql') }
  'purge-behind': {
    severity: 1
    every: 'PT15M'
    window: 'PT15M'
    above: 0
    query: loadTextContent('queries/purge-behind.kql')
  }
  'purge-silent': {
    severity: 1
    every: 'PT30M'
    window: 'PT1H'
    above: 0
    query: loadTextContent('queries/purge-silent.kql')
  }
  'rotate-silent': {
    severity: 2
    every: 'P1D'
    window: 'P2D'
    above: 0
    query: loadTextContent('queries/rotate-silent.kql')
  }
  refused: { severity: 2, every: 'PT15M', window: 'PT15M', above: 0, query: loadTextContent('queries/refused.kql') }
  abuse: { severity: 3, every: 'PT1H', window: 'PT1H', above: 0, query: loadTextContent('queries/abuse.kql') }
  mttr: {
    severity: 2
    every: 'P1D'
    window: 'P2D'
    above: 24
    measure: 'hours'
    query: loadTextContent('queries/mttr.kql')
  }
  volume: { severity: 2, every: 'PT1H', window: 'PT1H', above: 0, query: loadTextContent('queries/volume.kql') }
}

var rules = filter(items(logRules), r => hasQueue || r.key != 'refused')

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
      evaluationFrequency: r.value.?every ?? frequency
      windowSize: r.value.window
      // Azure allows no state with a window of two days: such a rule fires every day.
      autoMitigate: r.value.window != 'P2D'
      // In a new workspace a table exists only after the first row.
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
