metadata description = 'What the function app is told, and App Service authentication, since SSS_ENTRA may be on only where that stands in front.'

param siteName string
@description('SSS_ settings by name; docs/operations.md has them all.')
param settings { *: string }
@description('The storage account of the Functions host.')
param hostAccount string
@description('Client id of the service\'s identity.')
param identityClientId string
param applicationInsightsConnectionString string
@description('Client id of the Entra application that operators sign in to; empty: operators show keys.')
param entraClientId string
@description('Whether Front Door alone reaches it, whose X-Forwarded-Host may then be believed.')
param behindFrontDoor bool

// scan:skip=b5c851d5-00f1-43dc-a8de-3218fd6f71be functions.bicep makes the site, with TLS 1.3; here it only exists
resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: siteName
}

// scan:skip=CKV_AZURE_13 the check takes each config for the site; authentication is on when there is an Entra application
// scan:skip=CKV_AZURE_63 Flex Consumption keeps no logs of a web server: requests are in Application Insights
// scan:skip=CKV_AZURE_65 as above: no web server, no pages of its errors
// scan:skip=CKV_AZURE_66 as above: no web server, no traces of failed requests
// scan:skip=CKV_AZURE_80 nothing here runs on .NET
// scan:skip=CKV_AZURE_88 the app keeps no files: its state is in tables
// scan:skip=CKV_AZURE_222 a config has no network of its own: functions.bicep says where the site is reached
resource authentication 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: !empty(entraClientId) }
    // Readers are nobody: what they may do, their proofs say.
    globalValidation: {
      requireAuthentication: false
      unauthenticatedClientAction: 'AllowAnonymous'
    }
    httpSettings: {
      requireHttps: true
      forwardProxy: { convention: behindFrontDoor ? 'Standard' : 'NoProxy' }
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: !empty(entraClientId)
        registration: {
          clientId: entraClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: { allowedAudiences: [entraClientId, 'api://${entraClientId}'] }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  dependsOn: [authentication]
  properties: union(settings, {
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
    AZURE_CLIENT_ID: identityClientId
    AzureWebJobsStorage__accountName: hostAccount
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsStorage__credential: 'managedidentity'
    SSS_ENTRA: empty(entraClientId) ? 'off' : 'on'
  })
}
