metadata description = 'The availability test: GET /api/health from several locations, with an alert if two or more fail. Flex Consumption has no health check of its own.'

@description('Name of the environment.')
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of Application Insights, which stores the results.')
param applicationInsightsName string

@description('URL to test.')
param url string

@description('Id of the action group.')
param actionGroupId string

@description('Seconds between two tests from a location. Every test is billed.')
@allowed([300, 600, 900])
param frequency int = 300

@description('Locations of the tests, by the ids of Application Insights.')
@minLength(2)
@maxLength(16)
param locations string[] = [
  'emea-nl-ams-azr'
  'emea-gb-db3-azr'
  'us-va-ash-azr'
  'apac-sg-sin-azr'
  'emea-se-sto-edge'
]

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'health-${name}'
  location: location
  // Application Insights finds its tests by this tag.
  tags: union(tags, { 'hidden-link:${insights.id}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'health-${name}'
    Name: 'health-${name}'
    Description: 'GET /api/health returns 200 while the process runs.'
    Kind: 'standard'
    Enabled: true
    Frequency: frequency
    Timeout: 30
    RetryEnabled: true
    Locations: [for id in locations: { Id: id }]
    Request: {
      RequestUrl: url
      HttpVerb: 'GET'
      FollowRedirects: false
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 14
    }
  }
}

resource unreachable 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'unreachable-${name}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Two or more locations cannot reach the service: see "Alerts" in docs/operations.md.'
    severity: 0
    enabled: true
    autoMitigate: true
    scopes: [test.id, insights.id]
    evaluationFrequency: 'PT1M'
    // Long enough for at least one test from every location.
    windowSize: { '300': 'PT5M', '600': 'PT15M', '900': 'PT15M' }[string(frequency)]
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: insights.id
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}
