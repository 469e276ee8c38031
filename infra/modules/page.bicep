metadata description = 'The page: files only, on Static Web Apps. A linked backend would overwrite Authorization and take over authentication.'

@description('Where it is managed: one of the five regions that have Static Web Apps. Its files are everywhere.')
param location string
param tags { *: string }
param pageName string
@description('Standard behind Front Door; Free holds no certificate of one\'s own beyond two domains, and costs nothing.')
param tier ('Free' | 'Standard')

// Static Web Apps and not a storage account's website: the headers of web/headers.json are part of
// what is deployed, and it serves / , /s and /m from one file without a rewrite anywhere else.
resource page 'Microsoft.Web/staticSites@2025-03-01' = {
  name: pageName
  location: location
  tags: union(tags, { 'azd-service-name': 'page' })
  sku: { name: tier, tier: tier }
  properties: {
    allowConfigFileUpdates: true
    // Each preview environment would be one more public origin.
    stagingEnvironmentPolicy: 'Disabled'
    enterpriseGradeCdnStatus: 'Disabled'
  }
}

output hostName string = page.properties.defaultHostname
