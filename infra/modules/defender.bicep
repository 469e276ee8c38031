metadata description = 'Microsoft Defender for Cloud: the paid plans of the subscription, and whom it writes to.'

targetScope = 'subscription'

@description('Who Defender writes to, besides the subscription\'s owners.')
param contactEmail string

@description('Plans to switch on, by their names in Microsoft.Security/pricings. Empty: only what is free.')
param plans ('KeyVaults' | 'StorageAccounts' | 'Arm' | 'AppServices' | 'Containers')[]

// Where a plan can be had in several forms: the one that is billed by what it protects, not by the call.
var forms = {
  KeyVaults: 'PerKeyVault'
  Arm: 'PerSubscription'
  StorageAccounts: 'DefenderForStorageV2'
}

// Scanning of uploads would read the deployment packages, which nobody but the deployment writes, and bill by the GB.
var extensions = {
  StorageAccounts: [
    { name: 'OnUploadMalwareScanning', isEnabled: 'False' }
    { name: 'SensitiveDataDiscovery', isEnabled: 'False' }
  ]
  Containers: [{ name: 'ContainerRegistriesVulnerabilityAssessments', isEnabled: 'True' }]
}

// One after another: the provider answers concurrent changes with 409.
@batchSize(1)
// scan:skip=CKV_AZURE_87 the check takes every plan for the one of Key Vault, which is among them in the hardened size
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

// Alerts from Medium up: all of those about Key Vault are of that severity.
// scan:skip=CKV_AZURE_20 the service asks operators for an address of e-mail, and no telephone
// scan:skip=CKV_AZURE_21 this version of the type says it by notificationsSources
// scan:skip=CKV_AZURE_22 this version of the type says it by notificationsByRole
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
