metadata description = 'The monthly budget of the resource group. It sends e-mail and stops nothing.'

targetScope = 'subscription'

@description('Name of the environment.')
param name string

@description('US dollars a month.')
@minValue(1)
@maxValue(100000)
param amountUsd int

@description('E-mail address to notify. Empty: only the owners of the subscription.')
param alertEmail string

@description('Name of the resource group.')
param resourceGroupName string

@description('First day of a month, such as 2026-12-01. Azure refuses dates that are more than a few months past.')
@minLength(10)
@maxLength(10)
param startDate string

var thresholds = {
  spent80: { type: 'Actual', percent: 80 }
  spent100: { type: 'Actual', percent: 100 }
  forecast110: { type: 'Forecasted', percent: 110 }
}

resource budget 'Microsoft.Consumption/budgets@2026-06-01' = {
  name: 'budget-${name}'
  properties: {
    category: 'Cost'
    amount: amountUsd
    timeGrain: 'Monthly'
    timePeriod: { startDate: startDate }
    filter: {
      dimensions: {
        name: 'ResourceGroupName'
        operator: 'In'
        values: [resourceGroupName]
      }
    }
    notifications: mapValues(thresholds, t => {
      enabled: true
      operator: 'GreaterThanOrEqualTo'
      threshold: t.percent
      thresholdType: t.type
      contactEmails: empty(alertEmail) ? [] : [alertEmail]
      contactRoles: ['Owner']
    })
  }
}
