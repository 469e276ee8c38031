// A service for a team: a few dollars a month, no network of its own, reached by identity only.
using 'main.bicep'

param name = 'secrets'
param location = 'westeurope'
param size = 'lean'
param alertEmail = 'operators@example.com'
param budgetUsd = 15
param budgetStart = '2026-12-01'
