metadata description = 'The plan that the function app runs on: Flex Consumption, which bills what runs.'

param planName string
param location string
param tags { *: string }
@description('Then two instances are always ready, and billed, for requests and for each timer, whatever alwaysReady says.')
param zoneRedundant bool

// scan:skip=CKV_AZURE_225 the lean size runs in one zone at a time, and starts in another when that is lost
resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

output id string = plan.id
