metadata description = 'Secure Secret Sharer in one subscription: identity, network, data, function app, page, Front Door, monitoring and governance.'

import { defaults, handlerSettings } from 'modules/compute/handlerSettings.bicep'
import { nearest } from 'modules/govern/regions.bicep'
import {
  checkAdminKeys
  checkAlertEmail
  checkAlwaysReady
  checkBudgetStart
  checkCreate
  checkCreateKeys
  checkEntraClientId
  checkName
  checkNetworkRange
  checkOperators
  checkOrigin
  checkPackageHosts
} from 'modules/govern/validation.bicep'

targetScope = 'subscription'

@description('Name of the environment, part of every resource name: 3 to 10 lowercase letters and digits, starting with a letter.')
@minLength(3)
@maxLength(10)
param name string

@description('Azure region: one with availability zones and Flex Consumption.')
@allowed([
  'australiaeast'
  'centralus'
  'eastus'
  'eastus2'
  'germanywestcentral'
  'italynorth'
  'northeurope'
  'norwayeast'
  'southeastasia'
  'spaincentral'
  'swedencentral'
  'uksouth'
  'westeurope'
  'westus2'
  'westus3'
])
param location string

@description('lean: a few dollars a month, protected by identities only. hardened: private endpoints and a firewall, with Microsoft Defender.')
@allowed(['lean', 'hardened'])
param size string

@description('E-mail address for alerts. Required in hardened. Empty: only the budget sends e-mail, to the owners of the subscription.')
param alertEmail string = ''

@description('Origin of the page with a custom domain, such as https://secrets.example.com. Empty: the host name that Azure assigns.')
param origin string = ''

@description('Client id of the Entra application for operators. Required in hardened. Empty: operators use keys.')
param entraClientId string = ''

@description('SHA-256 of each operator\'s key in hex, see docs/operations.md.')
param adminKeys string[] = []

@description('Who may create secrets: anyone, holders of a key, or users who sign in to Entra.')
@allowed(['anyone', 'key', 'entra'])
param create string = 'anyone'

@description('SHA-256 of each key to create secrets with, in hex. Only with create = key.')
param createKeys string[] = []

@description('Extra app settings of the handler, see docs/operations.md.')
param settings handlerSettings = {}

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param memory int = 512

@description('Maximum number of instances. It bounds the cost of an attack.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Instances that are always running. With 0 the first request takes seconds. In hardened at least two are running, one in each of two zones.')
@minValue(0)
@maxValue(20)
param alwaysReady int = 0

@description('Tier of Service Bus. Only Premium has private endpoints.')
@allowed(['Standard', 'Premium'])
param busTier string = 'Standard'

@description('Address range of the network, /22. It must not overlap with peered networks.')
param networkRange string = '10.60.0.0/22'

@description('Hosts that package deployments may download from.')
param packageHosts string[] = ['github.com', 'release-assets.githubusercontent.com']

@description('Monthly budget in US dollars. E-mail is sent at 80 and 100 percent.')
@minValue(1)
@maxValue(100000)
param budgetUsd int = 20

@description('First day of the month in which the budget starts. It cannot be changed later.')
param budgetStart string

@description('Entra object ids of those who may start the playbooks manually.')
@maxLength(5)
param operators string[] = []

// Checked parameters.

var hardened = size == 'hardened'
var validName = checkName(name)
var validEmail = checkAlertEmail(alertEmail, hardened)
var validOrigin = checkOrigin(origin)
var validClientId = checkEntraClientId(entraClientId, hardened)
var validAdminKeys = checkAdminKeys(adminKeys)
var validCreate = checkCreate(create, entraClientId, createKeys)
var validCreateKeys = checkCreateKeys(createKeys, create)
var validAlwaysReady = checkAlwaysReady(alwaysReady, maximumInstances)
var validRange = checkNetworkRange(networkRange)
var validPackageHosts = checkPackageHosts(packageHosts)
var validBudgetStart = checkBudgetStart(budgetStart)
var validOperators = checkOperators(operators)

// Names.

var suffix = take(uniqueString(subscription().id, name, location), 8)
var tags = { app: 'secure-secret-sharer', environment: name, size: size }
var names = {
  group: 'rg-${validName}'
  identity: 'id-${name}'
  deploymentIdentity: 'id-${name}-deploy'
  network: 'vnet-${name}'
  data: 'st${name}${suffix}'
  host: 'sth${name}${suffix}'
  vault: 'kv-${name}-${suffix}'
  bus: 'sb-${name}-${suffix}'
  site: 'func-${name}-${suffix}'
  page: 'swa-${name}-${suffix}'
  endpoint: '${name}-${suffix}'
  insights: 'appi-${name}'
  quarantine: 'logic-quarantine-${name}'
  release: 'logic-release-${name}'
}
var keyRoleName = guid(subscription().id, name, 'keys')
var networkName = hardened ? names.network : null

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.group
  location: location
  tags: tags
}

// Identity.

module managedIdentity 'modules/govern/managedIdentity.bicep' = {
  scope: group
  params: { identityName: names.identity, location: location, tags: tags }
}

module keyRole 'modules/govern/keyRole.bicep' = {
  params: { name: '${name}-${suffix}', roleDefinitionName: keyRoleName, scope: group.id }
}

// Logs.

module monitoring 'modules/watch/monitoring.bicep' = {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    alertEmail: validEmail
    dailyCapGb: hardened ? 5 : 1
    senderPrincipalId: managedIdentity.outputs.principalId
  }
}

// Network: outbound calls go through the firewall, to these hosts only.

var loginHost = split(environment().authentication.loginEndpoint, '/')[2]

// Keys to verify tokens with, telemetry, extensions of the Functions host.
var hostsOfService = [
  loginHost
  '*.in.applicationinsights.azure.com'
  '*.livediagnostics.monitor.azure.com'
  'cdn.functions.azure.com'
]

// Tokens, Resource Manager, the image of the container that deploys, the package.
var hostsOfDeployment = concat(
  [loginHost, split(environment().resourceManager, '/')[2], 'mcr.microsoft.com', '*.data.mcr.microsoft.com'],
  validPackageHosts
)

module virtualNetwork 'modules/network/virtualNetwork.bicep' = if (hardened) {
  scope: group
  params: {
    networkName: names.network
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    range: validRange
  }
}

module firewall 'modules/network/firewall.bicep' = if (hardened) {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    subnetId: virtualNetwork!.outputs.firewallSubnetId
    rules: [
      { name: 'service', from: virtualNetwork!.outputs.functionsRange, to: hostsOfService }
      { name: 'deployment', from: virtualNetwork!.outputs.deploymentRange, to: hostsOfDeployment }
    ]
    busCaller: virtualNetwork!.outputs.functionsRange
    busHostName: busTier == 'Premium' ? '' : '${names.bus}.servicebus.windows.net'
  }
}

// Data.

module tables 'modules/data/tables.bicep' = {
  scope: group
  dependsOn: [virtualNetwork]
  params: {
    location: location
    tags: tags
    accountName: names.data
    identityName: names.identity
    networkName: networkName
    workspaceId: monitoring.outputs.workspaceId
  }
}

module keyVault 'modules/data/keyVault.bicep' = {
  scope: group
  dependsOn: [keyRole, virtualNetwork]
  params: {
    location: location
    tags: tags
    vaultName: names.vault
    identityName: names.identity
    keyRoleName: keyRoleName
    networkName: networkName
    workspaceId: monitoring.outputs.workspaceId
  }
}

module serviceBus 'modules/data/serviceBus.bicep' = if (hardened) {
  scope: group
  dependsOn: [virtualNetwork]
  params: {
    location: location
    tags: tags
    namespaceName: names.bus
    tier: busTier
    identityName: names.identity
    networkName: busTier == 'Premium' ? names.network : null
    workspaceId: monitoring.outputs.workspaceId
  }
}

// Function app and page.

module hostStorage 'modules/compute/hostStorage.bicep' = {
  scope: group
  dependsOn: [virtualNetwork]
  params: {
    location: location
    tags: tags
    accountName: names.host
    identityName: names.identity
    networkName: networkName
    workspaceId: monitoring.outputs.workspaceId
  }
}

module functionApp 'modules/compute/functionApp.bicep' = {
  scope: group
  dependsOn: [firewall]
  params: {
    name: name
    location: location
    tags: tags
    siteName: names.site
    identityName: names.identity
    networkName: networkName
    packagesUrl: hostStorage.outputs.packagesUrl
    origins: hardened ? [] : [empty(validOrigin) ? 'https://${staticWebApp.outputs.hostName}' : validOrigin]
    memory: memory
    maximumInstances: maximumInstances
    alwaysReady: validAlwaysReady
    zoneRedundant: hardened
    workspaceId: monitoring.outputs.workspaceId
  }
}

module deploymentIdentity 'modules/compute/deploymentIdentity.bicep' = if (hardened) {
  scope: group
  dependsOn: [functionApp]
  params: { location: location, tags: tags, identityName: names.deploymentIdentity, siteName: names.site }
}

module staticWebApp 'modules/compute/staticWebApp.bicep' = {
  scope: group
  params: {
    pageName: names.page
    location: nearest[location].page
    tags: tags
    tier: hardened ? 'Standard' : 'Free'
  }
}

// Edge.

module wafPolicy 'modules/edge/wafPolicy.bicep' = if (hardened) {
  scope: group
  params: { name: name, tags: tags, createsPerMinute: 20, readsPerMinute: 60 }
}

module frontDoor 'modules/edge/frontDoor.bicep' = if (hardened) {
  scope: group
  params: {
    name: name
    location: nearest[location].link
    tags: tags
    endpointName: names.endpoint
    api: { id: functionApp.outputs.id, hostName: functionApp.outputs.hostName }
    pageHostName: staticWebApp.outputs.hostName
    wafPolicyId: wafPolicy!.outputs.id
    domainName: empty(validOrigin) ? '' : split(validOrigin, '/')[2]
    workspaceId: monitoring.outputs.workspaceId
  }
}

var pageHost = frontDoor.?outputs.hostName ?? staticWebApp.outputs.hostName
var pageOrigin = empty(validOrigin) ? 'https://${pageHost}' : validOrigin
var apiOrigin = hardened ? pageOrigin : 'https://${functionApp.outputs.hostName}'

// Settings of the function app, which need the names of everything above.

module siteConfig 'modules/compute/siteConfig.bicep' = {
  scope: group
  params: {
    siteName: names.site
    hostAccount: names.host
    identityClientId: managedIdentity.outputs.clientId
    applicationInsightsConnectionString: monitoring.outputs.applicationInsightsConnectionString
    entraClientId: validClientId
    behindFrontDoor: hardened
    settings: union(defaults, settings, {
      SSS_ORIGIN: pageOrigin
      SSS_TABLE_URL: tables.outputs.tableUrl
      SSS_VAULT_URL: keyVault.outputs.uri
      SSS_SERVICEBUS: serviceBus.?outputs.hostName ?? ''
      SSS_FRONT_DOOR_ID: frontDoor.?outputs.frontDoorId ?? ''
      SSS_CREATE: validCreate
      SSS_CREATE_KEYS: join(validCreateKeys, ',')
      SSS_ADMIN_KEYS: join(validAdminKeys, ',')
      SSS_RESOURCES: join(
        concat(
          [
            tables.outputs.id
            hostStorage.outputs.id
            keyVault.outputs.id
            functionApp.outputs.id
            managedIdentity.outputs.id
          ],
          hardened ? [serviceBus!.outputs.id] : []
        ),
        ','
      )
    })
  }
}

// Alerts.

module logAlerts 'modules/watch/logAlerts.bicep' = {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: monitoring.outputs.actionGroupId
    hasQueue: hardened
    frequency: hardened ? 'PT5M' : 'PT15M'
  }
}

module metricAlerts 'modules/watch/metricAlerts.bicep' = {
  scope: group
  dependsOn: [serviceBus, playbooks]
  params: {
    name: name
    tags: tags
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    actionGroupId: monitoring.outputs.actionGroupId
    functionAppId: functionApp.outputs.id
    busId: hardened
      ? resourceId(subscription().subscriptionId, names.group, 'Microsoft.ServiceBus/namespaces', names.bus)
      : ''
    playbookIds: map(
      hardened ? [names.quarantine, names.release] : [],
      playbook => resourceId(subscription().subscriptionId, names.group, 'Microsoft.Logic/workflows', playbook)
    )
  }
}

module availabilityTest 'modules/watch/availabilityTest.bicep' = {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    applicationInsightsName: names.insights
    url: '${apiOrigin}/api/health'
    frequency: hardened ? 300 : 900
    locations: hardened ? null : ['emea-nl-ams-azr', 'us-va-ash-azr']
    actionGroupId: monitoring.outputs.actionGroupId
  }
}

module activityAlerts 'modules/watch/activityAlerts.bicep' = {
  scope: group
  params: { name: name, tags: tags, actionGroupId: monitoring.outputs.actionGroupId }
}

module activityLog 'modules/watch/activityLog.bicep' = {
  params: { name: name, workspaceId: monitoring.outputs.workspaceId }
}

// Defender for Cloud, and the playbooks that turn its alerts into holds.

module defender 'modules/watch/defender.bicep' = {
  params: {
    contactEmail: validEmail
    plans: hardened ? ['KeyVaults', 'StorageAccounts', 'Arm', 'AppServices', 'Containers'] : []
  }
}

module playbooks 'modules/watch/playbooks.bicep' = if (hardened) {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    quarantineUrl: apiOrigin
    audience: 'api://${validClientId}'
    // A Consumption Logic App cannot reach a private endpoint, so with Premium there is no queue to fall back to.
    busNamespace: busTier == 'Premium' ? '' : names.bus
    operatorPrincipals: validOperators
  }
}

module alertMarkerRole 'modules/watch/alertMarkerRole.bicep' = if (hardened) {
  params: { name: name, principalId: playbooks!.outputs.quarantinePrincipalId }
}

module alertAutomation 'modules/watch/alertAutomation.bicep' = if (hardened) {
  scope: group
  dependsOn: [playbooks]
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    playbookName: names.quarantine
  }
}

// Policy and budget.

module policy 'modules/govern/policy.bicep' = {
  dependsOn: [siteConfig, hostStorage]
  params: {
    location: location
    effect: hardened ? 'Deny' : 'Audit'
    workspaceId: monitoring.outputs.workspaceId
    allowedLocations: union([location], [nearest[location].page])
    resourceGroupName: group.name
    premiumBus: busTier == 'Premium'
    tags: tags
  }
}

module budget 'modules/govern/budget.bicep' = {
  params: {
    name: name
    amountUsd: budgetUsd
    alertEmail: validEmail
    resourceGroupName: group.name
    startDate: validBudgetStart
  }
}

@description('Origin of the API.')
output API_ORIGIN string = apiOrigin

@description('Origin of the page.')
output PAGE_ORIGIN string = pageOrigin

@description('Name of the resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Name of the function app.')
output FUNCTION_APP string = names.site

@description('Value of the TXT record _dnsauth for the custom domain. Empty: no custom domain or no Front Door.')
output DOMAIN_PROOF string = frontDoor.?outputs.domainProof ?? ''

@description('Id of Front Door, in the header X-Azure-FDID. Empty: no Front Door.')
output FRONT_DOOR_ID string = frontDoor.?outputs.frontDoorId ?? ''

@description('Name of the Static Web App.')
output PAGE string = names.page
