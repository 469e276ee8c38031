// For an organisation: private endpoints, firewalls in both directions, Defender, playbooks.
// Set the values of your deployment as environment variables. The values here are examples for the snapshot.
using 'main.bicep'

param name = readEnvironmentVariable('DEPLOY_NAME', 'secrets')
param location = readEnvironmentVariable('DEPLOY_LOCATION', 'westeurope')
param size = 'hardened'
param alertEmail = readEnvironmentVariable('DEPLOY_ALERT_EMAIL', 'security@example.com')
// docs/deploy.md describes how to create the Entra application.
param entraClientId = readEnvironmentVariable('DEPLOY_ENTRA_CLIENT_ID', '11111111-1111-1111-1111-111111111111')
// At most five object ids.
param operators = filter(
  split(readEnvironmentVariable('DEPLOY_OPERATORS', '22222222-2222-2222-2222-222222222222'), ','),
  id => !empty(id)
)
param origin = readEnvironmentVariable('DEPLOY_ORIGIN', '')
param alwaysReady = 2
param memory = 2048
param budgetUsd = 2000
param budgetStart = readEnvironmentVariable('DEPLOY_BUDGET_START', '2026-12-01')
