metadata description = 'The app settings of the function app, and App Service authentication. They are one module because SSS_ENTRA may be on only with authentication in front.'

@description('Name of the function app.')
param siteName string

@description('Settings of the handler by name, see docs/operations.md.')
param settings { *: string }

@description('Name of the storage account of the Functions host.')
param hostAccount string

@description('Client id of the service\'s identity.')
param identityClientId string

@description('Connection string of Application Insights. It contains no key.')
param applicationInsightsConnectionString string

@description('Client id of the Entra application for operators. Empty: operators use keys.')
param entraClientId string

@description('Whether all requests come through Front Door, so that X-Forwarded-Host can be trusted.')
param behindFrontDoor bool

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: siteName
}

// scan:skip=CKV_AZURE_13 the check expects a site, not its config; authentication is on with an Entra application
// scan:skip=CKV_AZURE_63 Flex Consumption has no web server logs: requests are in Application Insights
// scan:skip=CKV_AZURE_65 Flex Consumption has no web server and no detailed error pages
// scan:skip=CKV_AZURE_66 Flex Consumption has no web server and no traces of failed requests
// scan:skip=CKV_AZURE_80 the app does not use .NET
// scan:skip=CKV_AZURE_88 the app stores no files; its state is in tables
// scan:skip=CKV_AZURE_222 a config has no network: functionApp.bicep has publicNetworkAccess
resource authentication 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: !empty(entraClientId) }
    // Readers do not sign in. Their calls carry proofs instead.
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
