metadata description = 'The two playbooks of infra/playbooks: one places a hold for an alert of Defender for Cloud, the other releases a hold. Each has an identity of its own.'

@description('Name of the environment.')
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Origin of the API, without a trailing slash.')
param quarantineUrl string

@description('Application ID URI of the Entra application, exactly as App Service authentication expects it.')
param audience string

@description('Name of the Service Bus namespace with the queue defender-alerts. Empty: none, and an alert that cannot be delivered is a failed run.')
param busNamespace string

@description('Object ids of the users or applications that may start a playbook manually. Logic Apps allows five policies.')
@maxLength(5)
param operatorPrincipals string[] = []

// Version 2 tokens, which App Service authentication expects: requestedAccessTokenVersion in the manifest of
// the application.
var claimsOfAll = [
  { name: 'iss', value: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0' }
  { name: 'aud', value: replace(audience, 'api://', '') }
]

var api = { id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'ascalert') }

// A caller must match all claims of one policy.
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

// Defender calls the first by a signed URL, so only the second can disable signed URLs.
var workflows = [
  {
    name: 'quarantine'
    definition: loadJsonContent('../../playbooks/quarantine.json').definition
    parameters: {
      '$connections': { value: { ascalert: connection } }
      servicebus: { value: empty(busNamespace) ? 'none.invalid' : '${busNamespace}.servicebus.windows.net' }
    }
    triggers: { openAuthenticationPolicies: { policies: callers } }
  }
  {
    name: 'release'
    definition: loadJsonContent('../../playbooks/release.json').definition
    parameters: {}
    triggers: {
      openAuthenticationPolicies: { policies: callers }
      sasAuthenticationPolicy: { state: 'Disabled' }
    }
  }
]

resource playbook 'Microsoft.Logic/workflows@2019-05-01' = [
  for workflow in workflows: {
    name: 'logic-${workflow.name}-${name}'
    location: location
    tags: tags
    identity: { type: 'SystemAssigned' }
    properties: {
      state: 'Enabled'
      definition: workflow.definition
      parameters: union(workflow.parameters, { api: { value: quarantineUrl }, audience: { value: audience } })
      #disable-next-line BCP037 // sasAuthenticationPolicy is missing in the published types
      accessControl: { triggers: workflow.triggers }
    }
  }
]

#disable-next-line use-recent-api-versions // the only stable version, of 2016, has no category groups
resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = [
  for i in range(0, length(workflows)): {
    name: 'to-workspace'
    scope: playbook[i]
    properties: {
      workspaceId: workspaceId
      logs: [{ categoryGroup: 'allLogs', enabled: true }]
    }
  }
]

// For alerts that the service could not receive.
module maySend 'queueSenderRole.bicep' = if (!empty(busNamespace)) {
  params: {
    busNamespace: busNamespace
    principalId: playbook[0].identity.principalId
  }
}

@description('Object id of the identity of the playbook that places holds.')
output quarantinePrincipalId string = playbook[0].identity.principalId
