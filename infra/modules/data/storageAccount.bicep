metadata description = 'A storage account without shared keys. With a network it has a private endpoint and no public access.'

import { zoneNames } from '../network/privateDnsZone.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the account: 3 to 24 lowercase letters and digits, globally unique.')
@minLength(3)
@maxLength(24)
param accountName string

@description('Name of the virtual network that the private endpoint is in. null: reachable from the internet, by identity only.')
param networkName string?

@description('The only service that is used.')
param service ('table' | 'blob')

resource account 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: accountName
  location: location
  tags: tags
  kind: 'StorageV2'
  // scan:skip=CKV_AZURE_206 zones of one region: with a second region, every secret would have to be deleted in two places
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
      services: {
        blob: { enabled: true, keyType: 'Account' }
        file: { enabled: true, keyType: 'Account' }
        queue: { enabled: true, keyType: 'Account' }
        table: { enabled: true, keyType: 'Account' }
      }
    }
    minimumTlsVersion: 'TLS1_2'
    // scan:skip=AZU-0010 no trusted Microsoft service needs access, so none is let through
    // scan:skip=AZU-0012 the lean size has no network: only identities with a role are admitted, keys are disabled
    // scan:skip=CKV_AZURE_35 the lean size has no network: only identities with a role are admitted, keys are disabled
    // scan:skip=CKV_AZURE_36 no trusted Microsoft service needs access, so none is let through
    networkAcls: {
      bypass: 'None'
      defaultAction: networkName == null ? 'Allow' : 'Deny'
    }
    // scan:skip=CKV_AZURE_59 public in the lean size only: see docs/access.md
    publicNetworkAccess: networkName == null ? 'Enabled' : 'Disabled'
    supportsHttpsTrafficOnly: true
  }
}

module endpoint '../network/privateEndpoint.bicep' = if (networkName != null) {
  params: {
    location: location
    tags: tags
    networkName: networkName!
    target: account.name
    targetId: account.id
    service: service
    zoneName: zoneNames[service]
  }
}

@description('Id of the account.')
output id string = account.id

@description('URL of the service that is used, with a slash at the end.')
output url string = service == 'table'
  ? account.properties.primaryEndpoints.table
  : account.properties.primaryEndpoints.blob
