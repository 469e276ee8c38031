metadata description = 'The page, as a Static Web App with files only. A linked backend would overwrite the Authorization header and take over authentication.'

@description('Region of the management: Static Web Apps has five. The files are served from everywhere.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the Static Web App.')
param pageName string

@description('Standard behind Front Door. Free costs nothing and has at most two custom domains.')
param tier ('Free' | 'Standard')

// Unlike the website of a storage account, a Static Web App can set the headers of web/headers.json, and
// serve /, /s and /m from one file.
resource page 'Microsoft.Web/staticSites@2025-03-01' = {
  name: pageName
  location: location
  tags: union(tags, { 'azd-service-name': 'page' })
  sku: { name: tier, tier: tier }
  properties: {
    allowConfigFileUpdates: true
    // A preview environment would be another public origin.
    stagingEnvironmentPolicy: 'Disabled'
    enterpriseGradeCdnStatus: 'Disabled'
  }
}

@description('Host name of the page.')
output hostName string = page.properties.defaultHostname
