metadata description = 'The Log Analytics workspace, Application Insights, and the action group of all alerts. Keys are disabled: sending telemetry and reading logs needs an identity with a role.'

import { roles } from '../govern/builtInRoles.bicep'

@description('Name of the environment, part of every resource name.')
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('E-mail address for alerts. Empty: none.')
param alertEmail string

@description('Daily cap of the workspace in GB. Beyond it no logs are stored, and no log alert fires except the one about the cap, until the next day.')
@minValue(1)
@maxValue(1000)
param dailyCapGb int

@description('Object id of the identity that may send telemetry.')
param senderPrincipalId string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 90 // as CIS requires; free for the tables of Application Insights
    workspaceCapping: { dailyQuotaGb: dailyCapGb }
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
    // Public, but only identities with a role are admitted. The logs contain no secrets and no client addresses.
    publicNetworkAccessForIngestion: 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

// Queries of the logs are logged too.
#disable-next-line use-recent-api-versions // the only stable version, of 2016, has no category groups
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

// Despite its name this role covers all telemetry. It cannot read.
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

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
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

@description('Id of the workspace.')
output workspaceId string = workspace.id

@description('Id of Application Insights.')
output applicationInsightsId string = insights.id

@description('Connection string of Application Insights. Not a secret: sending needs an identity with a role.')
output applicationInsightsConnectionString string = insights.properties.ConnectionString

@description('Id of the action group.')
output actionGroupId string = actionGroup.id
