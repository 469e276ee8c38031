metadata description = 'The two playbooks of infra/playbooks: one turns an alert of Defender for Cloud into a hold, the other lifts a hold. Each has an identity of its own.'

@description('Short name of the deployment.')
param name string

@description('Azure region.')
param location string

@description('Tags on everything.')
param tags { *: string }

@description('Resource id of the workspace.')
param workspaceId string

@description('Origin of the API, without a slash at its end: Front Door\'s where there is one.')
param quarantineUrl string

@description('Application ID URI of the service\'s Entra application, exactly as App Service authentication admits it.')
param audience string

@description('Name of the Service Bus namespace with the queue defender-alerts. Empty: none, and an alert that the service does not take is a failed run.')
param busNamespace string

@description('Object ids of the people or applications that may start a playbook by hand. Logic Apps takes five policies at most.')
@maxLength(5)
param operatorPrincipals string[] = []

// Tokens of version 2, as App Service authentication wants them: the application says so in its manifest
// (requestedAccessTokenVersion).
var claimsOfAll = [
  { name: 'iss', value: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0' }
  { name: 'aud', value: replace(audience, 'api://', '') }
]

var api = { id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'ascalert') }

// Every claim of a policy must hold, and one policy must.
var callers = toObject(operatorPrincipals, id => 'operator-${id}', id => {
  type: 'AAD'
  claims: concat(claimsOfAll, [{ name: 'oid', value: id }])
})

resource alerts 'Microsoft.Web/connections@2016-06-01' = {
  name: 'ascalert-${name}'
  location: location
  tags: tags
  properties: {
    displayName: 'Alerts of Defender for Cloud'
    api: api
  }
}

var connection = { connectionId: alerts.id, connectionName: alerts.name, id: api.id }

// The first sets holds, the second lifts them. Defender comes by a signed address, so only the second can do without.
var books = [
  {
    name: 'quarantine'
    definition: loadJsonContent('../playbooks/quarantine.json').definition
    parameters: {
      '$connections': { value: { ascalert: connection } }
      servicebus: { value: empty(busNamespace) ? 'none.invalid' : '${busNamespace}.servicebus.windows.net' }
    }
    triggers: { openAuthenticationPolicies: { policies: callers } }
  }
  {
    name: 'release'
    definition: loadJsonContent('../playbooks/release.json').definition
    parameters: {}
    triggers: {
      openAuthenticationPolicies: { policies: callers }
      sasAuthenticationPolicy: { state: 'Disabled' }
    }
  }
]

resource playbook 'Microsoft.Logic/workflows@2019-05-01' = [
  for book in books: {
    name: 'logic-${book.name}-${name}'
    location: location
    tags: tags
    identity: { type: 'SystemAssigned' }
    properties: {
      state: 'Enabled'
      definition: book.definition
      parameters: union(book.parameters, { api: { value: quarantineUrl }, audience: { value: audience } })
      #disable-next-line BCP037 // Logic Apps knows sasAuthenticationPolicy, its published types do not
      accessControl: { triggers: book.triggers }
    }
  }
]

#disable-next-line use-recent-api-versions // the one stable version, of 2016, knows no category groups
resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = [
  for i in range(0, length(books)): {
    name: 'to-workspace'
    scope: playbook[i]
    properties: {
      workspaceId: workspaceId
      logs: [{ categoryGroup: 'allLogs', enabled: true }]
    }
  }
]

// The way round when the service does not answer.
module maySend 'sender.bicep' = if (!empty(busNamespace)) {
  params: {
    busNamespace: busNamespace
    principalId: playbook[0].identity.principalId
  }
}

@description('Object id of the identity of the one that sets holds: marks alerts, and needs the application role.')
output quarantinePrincipalId string = playbook[0].identity.principalId
