metadata description = 'Microsoft Defender for Cloud: the paid plans of the subscription, and the security contact.'

targetScope = 'subscription'

@description('E-mail address for Defender, besides the owners of the subscription. Empty: none.')
param contactEmail string

@description('Plans to enable. Empty: only the free features.')
param plans ('KeyVaults' | 'StorageAccounts' | 'Arm' | 'AppServices' | 'Containers')[]

// Subplans that are billed by protected resource, not by call.
var forms = {
  KeyVaults: 'PerKeyVault'
  Arm: 'PerSubscription'
  StorageAccounts: 'DefenderForStorageV2'
}

// The only uploads are deployment packages, so malware scanning, which is billed by the GB, stays off.
var extensions = {
  StorageAccounts: [
    { name: 'OnUploadMalwareScanning', isEnabled: 'False' }
    { name: 'SensitiveDataDiscovery', isEnabled: 'False' }
  ]
  Containers: [{ name: 'ContainerRegistriesVulnerabilityAssessments', isEnabled: 'True' }]
}

// One at a time: the provider refuses concurrent changes with 409.
@batchSize(1)
// scan:skip=CKV_AZURE_87 the check expects every plan to be that of Key Vault, which the hardened size has
resource plan 'Microsoft.Security/pricings@2024-01-01' = [
  for name in plans: {
    name: name
    properties: {
      pricingTier: 'Standard'
      subPlan: forms[?name]
      extensions: extensions[?name]
    }
  }
]

// Medium and above: all alerts about Key Vault are Medium.
// scan:skip=CKV_AZURE_20 operators give an e-mail address and no phone number
// scan:skip=CKV_AZURE_21 notificationsSources in this version of the type
// scan:skip=CKV_AZURE_22 notificationsByRole in this version of the type
resource contact 'Microsoft.Security/securityContacts@2023-12-01-preview' = if (!empty(contactEmail)) {
  name: 'default'
  properties: {
    emails: contactEmail
    isEnabled: true
    notificationsByRole: {
      state: 'On'
      roles: ['Owner']
    }
    notificationsSources: [
      { sourceType: 'Alert', minimalSeverity: 'Medium' }
      { sourceType: 'AttackPath', minimalRiskLevel: 'Medium' }
    ]
  }
}
