// For a team: a few dollars a month, without a private network, protected by identities only.
// Set the values of your deployment as environment variables (`azd env set DEPLOY_NAME team`). The values here
// are examples for the snapshot.
using 'main.bicep'

param name = readEnvironmentVariable('DEPLOY_NAME', 'secrets')
param location = readEnvironmentVariable('DEPLOY_LOCATION', 'westeurope')
param size = 'lean'
param alertEmail = readEnvironmentVariable('DEPLOY_ALERT_EMAIL', 'operators@example.com')
param adminKeys = filter(split(readEnvironmentVariable('DEPLOY_ADMIN_KEYS', ''), ','), key => !empty(key))
param origin = readEnvironmentVariable('DEPLOY_ORIGIN', '')
param budgetUsd = 15
param budgetStart = readEnvironmentVariable('DEPLOY_BUDGET_START', '2026-12-01')
