metadata description = 'The edge: Front Door Premium, which reaches the function app over Private Link.'

param name string
@description('Where the private link is opened: not every region has them.')
param location string
param tags { *: string }
param workspaceId string
param endpointName string
param api { id: string, hostName: string }
param pageHostName string
param wafPolicyId string

resource profile 'Microsoft.Cdn/profiles@2025-12-01' = {
  name: 'afd-${name}'
  location: 'global'
  tags: tags
  sku: { name: 'Premium_AzureFrontDoor' }
  properties: {
    originResponseTimeoutSeconds: 60
    // The log of requests may not keep what a route could hold: a query, an address.
    logScrubbing: {
      state: 'Enabled'
      scrubbingRules: [
        { matchVariable: 'QueryStringArgNames', selectorMatchOperator: 'EqualsAny', state: 'Enabled' }
        { matchVariable: 'RequestIPAddress', selectorMatchOperator: 'EqualsAny', state: 'Enabled' }
        { matchVariable: 'RequestUri', selectorMatchOperator: 'EqualsAny', state: 'Enabled' }
      ]
    }
  }

  resource endpoint 'afdEndpoints' = {
    name: endpointName
    location: 'global'
    tags: tags
    properties: { enabledState: 'Enabled' }

    resource toApi 'routes' = {
      name: 'api'
      dependsOn: [apiGroup::origin]
      properties: {
        originGroup: { id: apiGroup.id }
        patternsToMatch: ['/api/*', '/.auth/*']
        supportedProtocols: ['Https']
        forwardingProtocol: 'HttpsOnly'
        httpsRedirect: 'Disabled'
        linkToDefaultDomain: 'Enabled'
        enabledState: 'Enabled'
      }
    }

    resource toPage 'routes' = {
      name: 'page'
      dependsOn: [pageGroup::origin]
      properties: {
        originGroup: { id: pageGroup.id }
        patternsToMatch: ['/*']
        supportedProtocols: ['Http', 'Https']
        forwardingProtocol: 'HttpsOnly'
        httpsRedirect: 'Enabled'
        linkToDefaultDomain: 'Enabled'
        enabledState: 'Enabled'
      }
    }
  }

  resource apiGroup 'originGroups' = {
    name: 'api'
    properties: {
      loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 2 }
      healthProbeSettings: {
        probePath: '/api/health'
        probeRequestType: 'HEAD'
        probeProtocol: 'Https'
        probeIntervalInSeconds: 100
      }
    }

    resource origin 'origins' = {
      name: 'functions'
      properties: {
        hostName: api.hostName
        originHostHeader: api.hostName
        httpsPort: 443
        enforceCertificateNameCheck: true
        sharedPrivateLinkResource: {
          groupId: 'sites'
          privateLink: { id: api.id }
          privateLinkLocation: location
          requestMessage: 'Front Door of ${name}'
        }
      }
    }
  }

  resource pageGroup 'originGroups' = {
    name: 'page'
    properties: {
      loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 2 }
    }

    resource origin 'origins' = {
      name: 'files'
      properties: {
        hostName: pageHostName
        originHostHeader: pageHostName
        httpsPort: 443
        enforceCertificateNameCheck: true
      }
    }
  }

  resource waf 'securityPolicies' = {
    name: 'waf'
    properties: {
      parameters: {
        type: 'WebApplicationFirewall'
        wafPolicy: { id: wafPolicyId }
        associations: [{ domains: [{ id: endpoint.id }], patternsToMatch: ['/*'] }]
      }
    }
  }
}

// The newest version with groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: profile
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output frontDoorId string = profile.properties.frontDoorId
output hostName string = profile::endpoint.properties.hostName
