metadata description = 'The regions that can be chosen: those with Flex Consumption and zones, and where the nearest of what not every region has is.'

// Static Web Apps keeps its files everywhere, but can be managed in five regions only. Front Door opens
// private links from a list of regions of its own; an origin may lie in another one.
@export()
@description('By region: where the page is managed, and where Front Door opens its private link.')
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
