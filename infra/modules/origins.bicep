metadata description = 'What stands behind Front Door: the function app over Private Link, and the page.'

param name string
@description('The Front Door profile.')
param profileName string
@description('Where the private link is opened: not every region has them.')
param location string
param api { id: string, hostName: string }
param pageHostName string

// No group has a health probe: with one origin it decides nothing, and each answer is a run of Functions.
var balancing = { sampleSize: 4, successfulSamplesRequired: 2 }

resource profile 'Microsoft.Cdn/profiles@2025-12-01' existing = {
  name: profileName

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
        // It crosses subscriptions, so that a person has to approve it, once: infra/approve.sh.
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
}
