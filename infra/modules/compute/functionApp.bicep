metadata description = 'The function app: the handler as a custom handler on Flex Consumption, with one identity for everything it accesses.'

import { zoneNames } from '../network/privateDnsZone.bicep'

@description('Name of the environment.')
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the function app: globally unique.')
param siteName string

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Name of the service\'s identity.')
param identityName string

@description('URL of the blob container for packages.')
param packagesUrl string

@description('Origins that browsers may call from, besides the app\'s own.')
param origins string[]

@description('Memory of an instance in MB.')
param memory int

@description('Maximum number of instances.')
param maximumInstances int

@description('Instances that are always running. With 0 an idle app costs nothing.')
param alwaysReady int

@description('Whether the plan spans zones. Then two instances are always running, and billed, for HTTP and for each timer, whatever alwaysReady is.')
param zoneRedundant bool

@description('Name of the virtual network for calls in both directions. null: the internet.')
param networkName string?

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

// scan:skip=CKV_AZURE_225 the lean size runs in one zone at a time, and starts in another if that one is lost
resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

// scan:skip=CKV_AZURE_17 readers have no client certificates; every call carries a proof
// scan:skip=CKV_AZURE_212 Flex Consumption scales by itself; alwaysReady sets the minimum
// scan:skip=CKV_AZURE_213 Flex Consumption has no health check: availabilityTest.bicep tests from outside
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
    serverFarmId: plan.id
    httpsOnly: true
    // scan:skip=CKV_AZURE_222 public in the lean size only, which has no network: see docs/access.md
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

module endpoint '../network/privateEndpoint.bicep' = if (networkName != null) {
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

// The newest version with category groups.
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

@description('Id of the function app.')
output id string = site.id

@description('Host name of the function app.')
output hostName string = site.properties.defaultHostName
