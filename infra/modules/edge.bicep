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
@description('The host of a domain of one\'s own; empty: the one that Azure gives.')
param domainName string

var domains = empty(domainName) ? [] : [{ id: profile::domain.id }]

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
      dependsOn: [origins]
      properties: {
        originGroup: { id: apiGroup.id }
        patternsToMatch: ['/api/*', '/.auth/*']
        supportedProtocols: ['Https']
        forwardingProtocol: 'HttpsOnly'
        httpsRedirect: 'Disabled'
        linkToDefaultDomain: 'Enabled'
        customDomains: domains
        enabledState: 'Enabled'
      }
    }

    resource toPage 'routes' = {
      name: 'page'
      dependsOn: [origins]
      properties: {
        originGroup: { id: pageGroup.id }
        patternsToMatch: ['/*']
        supportedProtocols: ['Http', 'Https']
        forwardingProtocol: 'HttpsOnly'
        httpsRedirect: 'Enabled'
        linkToDefaultDomain: 'Enabled'
        customDomains: domains
        enabledState: 'Enabled'
      }
    }
  }

  resource apiGroup 'originGroups' existing = {
    name: 'api'
  }

  resource pageGroup 'originGroups' existing = {
    name: 'page'
  }

  // Without it a deployment would take a domain away that somebody has added by hand.
  resource domain 'customDomains' = if (!empty(domainName)) {
    name: replace(domainName, '.', '-')
    properties: {
      hostName: domainName
      tlsSettings: { certificateType: 'ManagedCertificate', minimumTlsVersion: 'TLS12' }
    }
  }

  resource waf 'securityPolicies' = {
    name: 'waf'
    properties: {
      parameters: {
        type: 'WebApplicationFirewall'
        wafPolicy: { id: wafPolicyId }
        associations: [{ domains: concat([{ id: endpoint.id }], domains), patternsToMatch: ['/*'] }]
      }
    }
  }
}

module origins 'origins.bicep' = {
  params: { name: name, profileName: profile.name, location: location, api: api, pageHostName: pageHostName }
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
// What a TXT record of the name _dnsauth says, so that Front Door gets a certificate.
output domainProof string = empty(domainName) ? '' : profile::domain!.properties.validationProperties.validationToken
