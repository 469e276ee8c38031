// A service for a team: a few dollars a month, no network of its own, reached by identity only.
// What every operator has to say is taken from the environment (`azd env set DEPLOY_NAME team`), so that
// nothing here has to be edited; the values beside are examples, good for a prediction.
using 'main.bicep'

param name = readEnvironmentVariable('DEPLOY_NAME', 'secrets')
param location = readEnvironmentVariable('DEPLOY_LOCATION', 'westeurope')
param size = 'lean'
param alertEmail = readEnvironmentVariable('DEPLOY_ALERT_EMAIL', 'operators@example.com')
param adminKeys = filter(split(readEnvironmentVariable('DEPLOY_ADMIN_KEYS', ''), ','), key => !empty(key))
param origin = readEnvironmentVariable('DEPLOY_ORIGIN', '')
param budgetUsd = 15
param budgetStart = readEnvironmentVariable('DEPLOY_BUDGET_START', '2026-12-01')
