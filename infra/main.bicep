metadata description = 'Secure Secret Sharer in one subscription: what it runs as, where it keeps secrets, how it is reached, and who watches.'

import { nearest } from 'modules/regions.bicep'
import { choices, defaults } from 'modules/settings.bicep'
import { areHashes, isEmail, isFirstOfMonth, isGuid, isHost, isName, isOrigin, isRange } from 'modules/valid.bicep'

targetScope = 'subscription'

@description('Name of the environment, from which resources are named: 3 to 10 of a-z and 0-9, a letter first.')
@minLength(3)
@maxLength(10)
param name string

@description('Region. Those that have zones and Flex Consumption.')
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

@description('lean: a few dollars a month, reached by identity only. hardened: reached over private links only, behind a firewall, watched by Defender.')
@allowed(['lean', 'hardened'])
param size string

@description('Who is told when something is wrong; empty, in lean alone: the owners of the subscription, of the bill only.')
param alertEmail string = ''

@description('Origin of the page when a domain of one\'s own stands before it, like https://secrets.example.com; empty: the one that Azure gives.')
param origin string = ''

@description('Client id of the Entra application that operators sign in to; empty: operators show keys.')
param entraClientId string = ''

@description('SHA-256 in hex of each operator\'s key, see docs/operations.md.')
param adminKeys string[] = []

@description('Who may create secrets: anyone, key or entra.')
@allowed(['anyone', 'key', 'entra'])
param create string = 'anyone'

@description('SHA-256 in hex of each key to create with.')
param createKeys string[] = []

@description('What else the handler is told, by the names of its settings; the others are set here.')
param settings choices = {}

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param memory int = 512

@description('Instances at most; also what an attack can cost.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Instances that are always awake: 0 wakes for the first request, within seconds; hardened, which is spread over zones, has two at least.')
@minValue(0)
@maxValue(20)
param alwaysReady int = 0

@description('Service Bus: Premium alone is reached privately.')
@allowed(['Standard', 'Premium'])
param busTier string = 'Standard'

@description('Address range of the network, /22, of which nothing else that is peered may be part.')
param networkRange string = '10.60.0.0/22'

@description('Hosts that packages are fetched from, by what deploys inside of the network; nothing else may call them.')
param packageHosts string[] = ['github.com', 'release-assets.githubusercontent.com']

@description('Dollars a month after which somebody is told.')
@minValue(1)
@maxValue(100000)
param budgetUsd int = 20

@description('First day of the month in which the budget starts; it cannot be changed later.')
param budgetStart string

@description('Object ids of those who may start the playbooks by hand.')
@maxLength(5)
param operators string[] = []

// What would fail half-way is refused here.

var legalName = isName(name)
  ? name
  : fail('name: only a-z and 0-9, a letter first, since storage accounts are named after it.')
var recipient = hardened && empty(alertEmail)
  ? fail('alertEmail: hardened raises alarms, and somebody has to get them.')
  : empty(alertEmail) || isEmail(alertEmail) ? alertEmail : fail('alertEmail: one address, like security@example.com.')
var application = hardened && empty(entraClientId)
  ? fail('entraClientId: hardened has playbooks, which show a token of the Entra application, and no key.')
  : empty(entraClientId) || isGuid(entraClientId)
      ? entraClientId
      : fail('entraClientId: the client id of the application, and not its name.')
var starters = empty(filter(operators, id => !isGuid(id)))
  ? operators
  : fail('operators: object ids of Entra, and no addresses.')
var range = isRange(networkRange)
  ? networkRange
  : fail('networkRange: a range of /22 from its first address on, like 10.60.0.0/22, which is cut into the subnets.')
var fetchedFrom = empty(filter(packageHosts, host => !isHost(host)))
  ? packageHosts
  : fail('packageHosts: names of hosts, without a wildcard.')
var awake = alwaysReady > maximumInstances ? fail('alwaysReady: more than maximumInstances.') : alwaysReady
var firstDay = isFirstOfMonth(budgetStart)
  ? budgetStart
  : fail('budgetStart: the first day of a month, like 2026-12-01.')
var hashes = areHashes(concat(adminKeys, createKeys))
  ? { admin: join(adminKeys, ','), create: join(createKeys, ',') }
  : fail('adminKeys, createKeys: SHA-256 of each key, 64 digits of hex, and never a key.')
var policyOfCreate = create == 'entra' && empty(entraClientId)
  ? fail('create: entra wants entraClientId, or nobody could create anything.')
  : create == 'key' && empty(createKeys)
      ? fail('create: key wants createKeys, or nobody could create anything.')
      : create != 'key' && !empty(createKeys) ? fail('createKeys: they are asked for with create = key alone.') : create
var checkedOrigin = empty(origin) || isOrigin(origin)
  ? origin
  : fail('origin: https:// and a host in lower case, without a slash at the end.')

// How things are called.

var hardened = size == 'hardened'
var suffix = take(uniqueString(subscription().id, name, location), 8)
var tags = { app: 'secure-secret-sharer', environment: name, size: size }
var names = {
  group: 'rg-${legalName}'
  identity: 'id-${name}'
  deployer: 'id-${name}-deploy'
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

var login = split(environment().authentication.loginEndpoint, '/')[2]

// By name and over TLS, nothing else. The service: keys to check tokens with, telemetry, the extensions of
// the Functions host.
var calledByService = [
  login
  '*.in.applicationinsights.azure.com'
  '*.livediagnostics.monitor.azure.com'
  'cdn.functions.azure.com'
]

// What deploys a package: a token, Resource Manager, an image to run in, and the package.
var calledByDeployment = concat(
  [login, split(environment().resourceManager, '/')[2], 'mcr.microsoft.com', '*.data.mcr.microsoft.com'],
  fetchedFrom
)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.group
  location: location
  tags: tags
}

// Who the service is, and what it may do with keys.

module identity 'modules/identity.bicep' = {
  scope: group
  params: { identityName: names.identity, location: location, tags: tags }
}

module keyRole 'modules/keyRole.bicep' = {
  params: { name: '${name}-${suffix}', roleDefinitionName: keyRoleName, scope: group.id }
}

// Who watches.

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    alertEmail: recipient
    dailyCapGb: hardened ? 5 : 1
    senderPrincipalId: identity.outputs.principalId
  }
}

// What it may call: nothing but names on a list.

module network 'modules/network.bicep' = if (hardened) {
  scope: group
  params: {
    networkName: names.network
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    range: range
  }
}

module egress 'modules/egress.bicep' = if (hardened) {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    subnetId: network!.outputs.firewallSubnetId
    ways: [
      { name: 'service', from: network!.outputs.functionsRange, to: calledByService }
      { name: 'deployment', from: network!.outputs.deploymentRange, to: calledByDeployment }
    ]
    busCaller: network!.outputs.functionsRange
    busHostName: busTier == 'Premium' ? '' : '${names.bus}.servicebus.windows.net'
  }
}

// Where secrets are kept, under which keys, and where it tells of them.

module storage 'modules/storage.bicep' = {
  scope: group
  dependsOn: [network]
  params: {
    location: location
    tags: tags
    accountName: names.data
    identityName: names.identity
    networkName: networkName
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  dependsOn: [keyRole, network]
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

module bus 'modules/bus.bicep' = if (hardened) {
  scope: group
  dependsOn: [network]
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

// What runs, what is shown, and what stands before both.

module host 'modules/host.bicep' = {
  scope: group
  dependsOn: [network]
  params: {
    location: location
    tags: tags
    accountName: names.host
    identityName: names.identity
    networkName: networkName
    workspaceId: monitoring.outputs.workspaceId
  }
}

module functions 'modules/functions.bicep' = {
  scope: group
  dependsOn: [egress]
  params: {
    name: name
    location: location
    tags: tags
    siteName: names.site
    identityName: names.identity
    networkName: networkName
    packagesUrl: host.outputs.packagesUrl
    origins: hardened ? [] : [empty(checkedOrigin) ? 'https://${page.outputs.hostName}' : checkedOrigin]
    memory: memory
    maximumInstances: maximumInstances
    alwaysReady: awake
    zoneRedundant: hardened
    workspaceId: monitoring.outputs.workspaceId
  }
}

module deployer 'modules/deployer.bicep' = if (hardened) {
  scope: group
  dependsOn: [functions]
  params: { location: location, tags: tags, identityName: names.deployer, siteName: names.site }
}

module page 'modules/page.bicep' = {
  scope: group
  params: {
    pageName: names.page
    location: nearest[location].page
    tags: tags
    tier: hardened ? 'Standard' : 'Free'
  }
}

module waf 'modules/waf.bicep' = if (hardened) {
  scope: group
  params: { name: name, tags: tags, createsPerMinute: 20, readsPerMinute: 60 }
}

module edge 'modules/edge.bicep' = if (hardened) {
  scope: group
  params: {
    name: name
    location: nearest[location].link
    tags: tags
    endpointName: names.endpoint
    api: { id: functions.outputs.id, hostName: functions.outputs.hostName }
    pageHostName: page.outputs.hostName
    wafPolicyId: waf!.outputs.id
    domainName: empty(checkedOrigin) ? '' : split(checkedOrigin, '/')[2]
    workspaceId: monitoring.outputs.workspaceId
  }
}

var apiOrigin = hardened ? pageOrigin : 'https://${functions.outputs.hostName}'
var pageOrigin = empty(checkedOrigin) ? 'https://${edge.?outputs.hostName ?? page.outputs.hostName}' : checkedOrigin

module configuration 'modules/configuration.bicep' = {
  scope: group
  params: {
    siteName: names.site
    hostAccount: names.host
    identityClientId: identity.outputs.clientId
    applicationInsightsConnectionString: monitoring.outputs.applicationInsightsConnectionString
    entraClientId: application
    behindFrontDoor: hardened
    settings: union(defaults, settings, {
      SSS_ORIGIN: pageOrigin
      SSS_TABLE_URL: storage.outputs.tableUrl
      SSS_VAULT_URL: vault.outputs.uri
      SSS_SERVICEBUS: bus.?outputs.hostName ?? ''
      SSS_FRONT_DOOR_ID: edge.?outputs.frontDoorId ?? ''
      SSS_CREATE: policyOfCreate
      SSS_CREATE_KEYS: hashes.create
      SSS_ADMIN_KEYS: hashes.admin
      SSS_RESOURCES: join(
        concat(
          [storage.outputs.id, host.outputs.id, vault.outputs.id, functions.outputs.id, identity.outputs.id],
          hardened ? [bus!.outputs.id] : []
        ),
        ','
      )
    })
  }
}

// Who is told when something is wrong, and what happens by itself.

module alerts 'modules/alerts.bicep' = {
  scope: group
  dependsOn: [bus, playbooks]
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    actionGroupId: monitoring.outputs.actionGroupId
    functionAppId: functions.outputs.id
    often: hardened ? 'PT5M' : 'PT15M'
    busId: hardened
      ? resourceId(subscription().subscriptionId, names.group, 'Microsoft.ServiceBus/namespaces', names.bus)
      : ''
    playbookIds: map(
      hardened ? [names.quarantine, names.release] : [],
      book => resourceId(subscription().subscriptionId, names.group, 'Microsoft.Logic/workflows', book)
    )
  }
}

module availability 'modules/availability.bicep' = {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    applicationInsightsName: names.insights
    url: '${apiOrigin}/api/health'
    frequency: hardened ? 300 : 900
    places: hardened ? null : ['emea-nl-ams-azr', 'us-va-ash-azr']
    actionGroupId: monitoring.outputs.actionGroupId
  }
}

module changes 'modules/changes.bicep' = {
  scope: group
  params: { name: name, tags: tags, actionGroupId: monitoring.outputs.actionGroupId }
}

module activity 'modules/activity.bicep' = {
  params: { name: name, workspaceId: monitoring.outputs.workspaceId }
}

module defender 'modules/defender.bicep' = {
  params: {
    contactEmail: recipient
    plans: hardened ? ['KeyVaults', 'StorageAccounts', 'Arm', 'AppServices', 'Containers'] : []
  }
}

module playbooks 'modules/playbooks.bicep' = if (hardened) {
  scope: group
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    quarantineUrl: apiOrigin
    audience: 'api://${application}'
    // A Consumption Logic App reaches no private endpoint: then an alert that the service does not take is a failed run.
    busNamespace: busTier == 'Premium' ? '' : names.bus
    operatorPrincipals: starters
  }
}

module marker 'modules/marker.bicep' = if (hardened) {
  params: { name: name, principalId: playbooks!.outputs.quarantinePrincipalId }
}

module automation 'modules/automation.bicep' = if (hardened) {
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

// What must stay as it is, and what the whole may cost.

module policy 'modules/policy.bicep' = {
  dependsOn: [configuration, host]
  params: {
    location: location
    effect: hardened ? 'Deny' : 'Audit'
    workspaceId: monitoring.outputs.workspaceId
    allowedLocations: union([location], [nearest[location].page])
    resourceGroupName: group.name
    tags: tags
  }
}

module budget 'modules/budget.bicep' = {
  params: {
    name: name
    amountUsd: budgetUsd
    alertEmail: recipient
    resourceGroupName: group.name
    startDate: firstDay
  }
}

output API_ORIGIN string = apiOrigin
output PAGE_ORIGIN string = pageOrigin
output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP string = names.site
output DOMAIN_PROOF string = edge.?outputs.domainProof ?? ''
output FRONT_DOOR_ID string = edge.?outputs.frontDoorId ?? ''
output PAGE string = names.page
