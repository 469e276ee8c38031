metadata description = 'Front Door Premium: routes to the function app over Private Link, and to the page.'

@description('Name of the environment.')
param name string

@description('Region of the private link. Front Door does not offer it in every region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Name of the endpoint, the first part of its host name.')
param endpointName string

@description('The function app.')
param api { id: string, hostName: string }

@description('Host name of the page.')
param pageHostName string

@description('Id of the firewall policy.')
param wafPolicyId string

@description('Custom domain. Empty: only the host name that Azure assigns.')
param domainName string

var domains = empty(domainName) ? [] : [{ id: profile::domain.id }]

// The groups have no health probes: with one origin they decide nothing, and each would run the function app.
var balancing = { sampleSize: 4, successfulSamplesRequired: 2 }

resource profile 'Microsoft.Cdn/profiles@2025-12-01' = {
  name: 'afd-${name}'
  location: 'global'
  tags: tags
  sku: { name: 'Premium_AzureFrontDoor' }
  properties: {
    originResponseTimeoutSeconds: 60
    // The access log contains no query, no path and no client address.
    logScrubbing: {
      state: 'Enabled'
      scrubbingRules: [
        { matchVariable: 'QueryStringArgNames', selectorMatchOperator: 'EqualsAny', state: 'Enabled' }
        { matchVariable: 'RequestIPAddress', selectorMatchOperator: 'EqualsAny', state: 'Enabled' }
        { matchVariable: 'RequestUri', selectorMatchOperator: 'EqualsAny', state: 'Enabled' }
      ]
    }
  }

  resource apiGroup 'originGroups' = {
    name: 'api'
    properties: { loadBalancingSettings: balancing }

    resource origin 'origins' = {
      name: 'functions'
      properties: {
        hostName: api.hostName
        originHostHeader: api.hostName
        httpsPort: 443
        enforceCertificateNameCheck: true
        // The link crosses subscriptions, so somebody has to approve it once: infra/approve.sh.
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
    properties: { loadBalancingSettings: balancing }

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
        customDomains: domains
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
        customDomains: domains
        enabledState: 'Enabled'
      }
    }
  }

  // A custom domain that is not in the template would be removed by the next deployment.
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

// The newest version with category groups.
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

@description('The id in the header X-Azure-FDID of every request from this Front Door.')
output frontDoorId string = profile.properties.frontDoorId

@description('Host name that Azure assigns.')
output hostName string = profile::endpoint.properties.hostName

@description('Value of the TXT record _dnsauth that proves control of the custom domain.')
output domainProof string = empty(domainName) ? '' : profile::domain!.properties.validationProperties.validationToken
