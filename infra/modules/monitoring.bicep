metadata description = 'Where logs go and who is told: a Log Analytics workspace, Application Insights on top of it, and the action group of all alerts. Neither takes a key: telemetry is sent, and logs are read, by identities only.'

import { roles } from 'roles.bicep'

@description('Short name of the deployment; part of every name.')
param name string

@description('Azure region.')
param location string

@description('Tags on everything.')
param tags { *: string }

@description('Who is told by e-mail when an alert fires.')
param alertEmail string

@description('Logs taken in a day, in whole GB, before the workspace takes no more until the next day. Alerts see nothing then, and one of them says so.')
@minValue(1)
@maxValue(1000)
param dailyCapGb int

@description('Object id of the managed identity that may send telemetry: the function app\'s.')
param senderPrincipalId string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 90 // what CIS asks for, and what tables of Application Insights have without charge
    workspaceCapping: { dailyQuotaGb: dailyCapGb }
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
    // Open, but only to who has the role: the lines hold no secrets and no addresses.
    publicNetworkAccessForIngestion: 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

// Who asked what of the logs is itself logged.
#disable-next-line use-recent-api-versions // the one stable version, of 2016, knows no category groups
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: workspace
  properties: {
    workspaceId: workspace.id
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
    DisableIpMasking: false
    publicNetworkAccessForIngestion: 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

// The role's name says metrics, but it is the one that admits all telemetry, and it reads nothing.
resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, 'function app', roles.monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: senderPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
  }
}

resource told 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: name
    enabled: true
    emailReceivers: empty(alertEmail)
      ? []
      : [
          {
            name: 'operators'
            emailAddress: alertEmail
            useCommonAlertSchema: true
          }
        ]
  }
}

@description('Resource id of the workspace that all diagnostic settings send to.')
output workspaceId string = workspace.id

@description('Name of the Application Insights resource.')
output applicationInsightsName string = insights.name

@description('Resource id of Application Insights.')
output applicationInsightsId string = insights.id

@description('Where telemetry goes. No secret: without an identity that has the role, nothing is taken in.')
output applicationInsightsConnectionString string = insights.properties.ConnectionString

@description('Resource id of the action group.')
output actionGroupId string = told.id
