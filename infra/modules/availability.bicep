metadata description = 'Is the service to be had from outside: a standard test of /api/health from several places, and the alert when more than one of them fails. Flex Consumption has no health check of its own.'

@description('Short name of the deployment.')
param name string

@description('Azure region.')
param location string

@description('Tags on everything.')
param tags { *: string }

@description('Name of the Application Insights resource, which keeps the results.')
param applicationInsightsName string

@description('What is asked for: the public address of /api/health.')
param url string

@description('Resource id of the action group.')
param actionGroupId string

@description('Seconds from one test to the next at each place. Every test costs.')
@allowed([300, 600, 900])
param frequency int = 300

@description('Places that the tests come from, by the ids of Application Insights.')
@minLength(2)
@maxLength(16)
param places string[] = ['emea-nl-ams-azr', 'emea-gb-db3-azr', 'us-va-ash-azr', 'apac-sg-sin-azr', 'emea-se-sto-edge']

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'health-${name}'
  location: location
  // The hidden link is how Application Insights finds its tests.
  tags: union(tags, { 'hidden-link:${insights.id}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'health-${name}'
    Name: 'health-${name}'
    Description: 'GET /api/health, which answers 200 while the process lives.'
    Kind: 'standard'
    Enabled: true
    Frequency: frequency
    Timeout: 30
    RetryEnabled: true
    Locations: [for place in places: { Id: place }]
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
    description: 'The service cannot be reached from two or more places: see "Alerts" in docs/operations.md.'
    severity: 0
    enabled: true
    autoMitigate: true
    scopes: [test.id, insights.id]
    evaluationFrequency: 'PT1M'
    // At least one run from every place falls into it.
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

@description('Resource id of the test.')
output testId string = test.id
