// A service for an organisation: private links, a firewall both ways, Defender, playbooks.
using 'main.bicep'

param name = 'secrets'
param location = 'westeurope'
param size = 'hardened'
param alertEmail = 'security@example.com'
// The Entra application of the service: see docs/deploy.md for how it is made.
param entraClientId = '11111111-1111-1111-1111-111111111111'
param operators = ['22222222-2222-2222-2222-222222222222']
param alwaysReady = 2
param memory = 2048
param budgetUsd = 2000
param budgetStart = '2026-12-01'
