metadata description = 'The regions with Flex Consumption and zones, and the nearest region for services that are not available everywhere.'

// Static Web Apps is managed in five regions, and serves files from everywhere. Front Door offers private
// links in some regions; the function app may be in another.
@export()
@description('By region: the region of the Static Web App, and of Front Door\'s private link.')
var nearest = {
  australiaeast: { page: 'eastasia', link: 'australiaeast' }
  centralus: { page: 'centralus', link: 'centralus' }
  eastus: { page: 'eastus2', link: 'eastus' }
  eastus2: { page: 'eastus2', link: 'eastus2' }
  germanywestcentral: { page: 'westeurope', link: 'germanywestcentral' }
  italynorth: { page: 'westeurope', link: 'germanywestcentral' }
  northeurope: { page: 'westeurope', link: 'northeurope' }
  norwayeast: { page: 'westeurope', link: 'norwayeast' }
  southeastasia: { page: 'eastasia', link: 'southeastasia' }
  spaincentral: { page: 'westeurope', link: 'francecentral' }
  swedencentral: { page: 'westeurope', link: 'swedencentral' }
  uksouth: { page: 'westeurope', link: 'uksouth' }
  westeurope: { page: 'westeurope', link: 'westeurope' }
  westus2: { page: 'westus2', link: 'westus2' }
  westus3: { page: 'westus2', link: 'westus3' }
}
