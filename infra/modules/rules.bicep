metadata description = 'The table of alerts on log lines: which query, how often, over how long, and from where on it matters.'

// Rows that a query may return in a window before the alert fires; latency and mttr are compared by a figure instead.
// Severity: 0 the service is down, 1 it fails for somebody, 2 it will, 3 to know.
@export()
@description('The queries that are alerted on. every: how often, where the caller does not say.')
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
