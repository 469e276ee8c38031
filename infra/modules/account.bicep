metadata description = 'One storage account without keys, reached by identity, and privately where there is a network.'

param location string
param tags { *: string }
@description('3 to 24 characters of a-z and 0-9, unique in the world.')
@minLength(3)
@maxLength(24)
param accountName string
@description('The network to be reached from alone; null: reached over the internet.')
param networkName string?
@description('Which service is used: table or blob.')
param service ('table' | 'blob')

import { zoneNames } from 'zones.bicep'

resource account 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: accountName
  location: location
  tags: tags
  kind: 'StorageV2'
  // scan:skip=CKV_AZURE_206 three zones of one region: a second region would be a second place from which a secret must be gone
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
    // scan:skip=d855ced8-6157-448f-9f1d-f05a41d046f7 the lean size has no network: identities with a role are let in, keys are off
    // scan:skip=e25b56cd-a4d6-498f-ab92-e6296a082097 no service of Microsoft's has anything to do here, so none passes by
    // scan:skip=CKV_AZURE_35 as above: the lean size has no network
    // scan:skip=CKV_AZURE_36 as above: no service of Microsoft's has anything to do here
    networkAcls: {
      bypass: 'None'
      defaultAction: networkName == null ? 'Allow' : 'Deny'
    }
    // scan:skip=CKV_AZURE_59 as above: docs/access.md says what is public in which size, and a test holds it to that
    publicNetworkAccess: networkName == null ? 'Enabled' : 'Disabled'
    supportsHttpsTrafficOnly: true
  }
}

module endpoint 'privateEndpoint.bicep' = if (networkName != null) {
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

output id string = account.id
output url string = service == 'table'
  ? account.properties.primaryEndpoints.table
  : account.properties.primaryEndpoints.blob
