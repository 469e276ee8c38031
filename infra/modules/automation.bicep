metadata description = 'What Defender for Cloud does with an alert: it starts the playbook, and lays the alert into the workspace, where the time until it is resolved is measured.'

@description('Short name of the deployment.')
param name string

@description('Azure region.')
param location string

@description('Tags on everything.')
param tags { *: string }

@description('Name of the playbook that sets holds; in this resource group.')
param playbookName string

@description('Resource id of the workspace.')
param workspaceId string

@description('What the alerts are about: this subscription, or resource groups in it. Narrow it where the subscription holds more than this service: each alert that names nothing of ours is a failed run.')
param scopes string[] = [subscription().id]

resource playbook 'Microsoft.Logic/workflows@2019-05-01' existing = {
  name: playbookName

  resource alert 'triggers' existing = {
    name: 'Alert'
  }
}

// No rule set: which alerts count is the service's own decision (SSS_RESOURCES, SSS_ALERT_SEVERITY, SSS_ALERT_TYPES).
resource automation 'Microsoft.Security/automations@2023-12-01-preview' = {
  name: 'quarantine-${name}'
  location: location
  tags: tags
  properties: {
    description: 'Alerts of Defender for Cloud become holds.'
    isEnabled: true
    scopes: [for scope in scopes: { description: 'Alerts about this', scopePath: scope }]
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
