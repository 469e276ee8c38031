// A service for an organisation: private links, a firewall both ways, Defender, playbooks.
// What every operator has to say is taken from the environment, so that nothing here has to be edited; the
// values beside are examples, good for a prediction.
using 'main.bicep'

param name = readEnvironmentVariable('DEPLOY_NAME', 'secrets')
param location = readEnvironmentVariable('DEPLOY_LOCATION', 'westeurope')
param size = 'hardened'
param alertEmail = readEnvironmentVariable('DEPLOY_ALERT_EMAIL', 'security@example.com')
// The Entra application of the service: see docs/deploy.md for how it is made.
param entraClientId = readEnvironmentVariable('DEPLOY_ENTRA_CLIENT_ID', '11111111-1111-1111-1111-111111111111')
// Object ids, up to five.
param operators = filter(
  split(readEnvironmentVariable('DEPLOY_OPERATORS', '22222222-2222-2222-2222-222222222222'), ','),
  id => !empty(id)
)
param origin = readEnvironmentVariable('DEPLOY_ORIGIN', '')
param alwaysReady = 2
param memory = 2048
param budgetUsd = 2000
param budgetStart = readEnvironmentVariable('DEPLOY_BUDGET_START', '2026-12-01')
