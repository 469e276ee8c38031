metadata description = 'The function app: the handler as a custom handler on Flex Consumption, with one identity for all that it opens.'

import { zoneNames } from 'zones.bicep'

param name string
param location string
param tags { *: string }
param siteName string
param workspaceId string
@description('The identity of the service.')
param identityName string
@description('The container that packages are deployed to.')
param packagesUrl string
@description('Origins that the browser may call from, besides the site\'s own.')
param origins string[]
param memory int
param maximumInstances int
@description('Instances that never sleep; 0 costs nothing while nobody comes.')
param alwaysReady int
param zoneRedundant bool
@description('The network to call out through and to be reached from; null: the internet.')
param networkName string?

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

module plan 'plan.bicep' = {
  params: { planName: 'plan-${name}', location: location, tags: tags, zoneRedundant: zoneRedundant }
}

// scan:skip=b5c851d5-00f1-43dc-a8de-3218fd6f71be the scanner's own parser stops at union(); the template that it is compiled to passes
// scan:skip=CKV_AZURE_17 readers have no client certificates: what they may do, their proofs say
// scan:skip=CKV_AZURE_212 Flex Consumption scales by itself: alwaysReady keeps instances awake, and the lean size sleeps
// scan:skip=CKV_AZURE_213 Flex Consumption has no health check: availability.bicep asks from outside
resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: siteName
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.outputs.id
    httpsOnly: true
    // scan:skip=CKV_AZURE_222 the lean size has no network: docs/access.md says what is public in which size
    publicNetworkAccess: networkName == null ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: networkName == null
      ? null
      : resourceId('Microsoft.Network/virtualNetworks/subnets', networkName!, 'functions')
    outboundVnetRouting: networkName == null ? null : { allTraffic: true }
    siteConfig: {
      minTlsVersion: '1.3'
      scmMinTlsVersion: '1.3'
      ftpsState: 'Disabled'
      http20Enabled: true
      cors: { allowedOrigins: origins, supportCredentials: false }
    }
    functionAppConfig: {
      runtime: { name: 'custom', version: '1.0' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packagesUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: memory
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReady == 0 ? [] : [{ name: 'http', instanceCount: alwaysReady }]
        triggers: { http: { perInstanceConcurrency: 100 } }
      }
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

module endpoint 'privateEndpoint.bicep' = if (networkName != null) {
  params: {
    location: location
    tags: tags
    target: site.name
    targetId: site.id
    service: 'sites'
    networkName: networkName!
    zoneName: zoneNames.sites
  }
}

// The newest version with groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: site
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'FunctionAppLogs', enabled: true }, { category: 'AppServiceAuthenticationLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = site.id
output siteName string = site.name
output hostName string = site.properties.defaultHostName
