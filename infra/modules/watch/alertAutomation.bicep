metadata description = 'The workflow automation of Defender for Cloud: each alert starts the playbook, and is stored in the workspace, where the time to resolve is measured.'

@description('Name of the environment.')
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the playbook that places holds.')
param playbookName string

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Ids of the subscription or of resource groups whose alerts start the playbook. An alert about resources of others is a failed run.')
param scopes string[] = [subscription().id]

resource playbook 'Microsoft.Logic/workflows@2019-05-01' existing = {
  name: playbookName

  resource alert 'triggers' existing = {
    name: 'Alert'
  }
}

// No filter here: the service filters alerts by SSS_RESOURCES, SSS_ALERT_SEVERITY and SSS_ALERT_TYPES.
resource automation 'Microsoft.Security/automations@2023-12-01-preview' = {
  name: 'quarantine-${name}'
  location: location
  tags: tags
  properties: {
    description: 'Alerts of Defender for Cloud become holds.'
    isEnabled: true
    scopes: [for scope in scopes: { description: 'Alerts about this scope', scopePath: scope }]
    sources: [{ eventSource: 'Alerts' }]
    actions: [
      {
        actionType: 'LogicApp'
        logicAppResourceId: playbook.id
        uri: playbook::alert.listCallbackUrl().value
      }
      {
        actionType: 'Workspace'
        workspaceResourceId: workspaceId
      }
    ]
  }
}
