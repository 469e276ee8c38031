metadata description = 'The web application firewall at the edge: managed rules, and limits on what makes rows and tries passphrases.'

import { here, limitsOf } from 'limits.bicep'

param name string
param tags { *: string }
@description('Creates and reads that one address may ask for in a minute; a retry within the service counts once.')
param createsPerMinute int
param readsPerMinute int

var limits = limitsOf(createsPerMinute, readsPerMinute)

// Bytes in base64url, which only look like an attack; everything else is inspected.
var encoded = concat(
  map(['envelope', 'access_hash', 'claim_hash', 'manage_hash'], member => {
    matchVariable: 'RequestBodyJsonArgNames'
    selectorMatchOperator: 'Equals'
    selector: member
  }),
  map(
    ['Secret-Access', 'Secret-Claim', 'Secret-Manage', 'Secret-Create', 'Secret-Admin', 'Idempotency-Key'],
    header => {
      matchVariable: 'RequestHeaderNames'
      selectorMatchOperator: 'Equals'
      selector: header
    }
  )
)

resource policy 'Microsoft.Network/frontDoorWebApplicationFirewallPolicies@2025-11-01' = {
  name: 'waf${name}'
  location: 'global'
  tags: tags
  sku: { name: 'Premium_AzureFrontDoor' }
  properties: {
    policySettings: {
      enabledState: 'Enabled'
      mode: 'Prevention'
      requestBodyCheck: 'Enabled'
      // The log of what was stopped may keep no proof, no body, no address.
      logScrubbing: {
        state: 'Enabled'
        scrubbingRules: [
          for variable in ['RequestHeaderNames', 'RequestBodyJsonArgNames', 'RequestIPAddress']: {
            matchVariable: variable
            selectorMatchOperator: 'EqualsAny'
            state: 'Enabled'
          }
        ]
      }
    }
    customRules: {
      rules: concat(
        map(limits, l => {
          name: l.name
          priority: l.priority
          enabledState: 'Enabled'
          ruleType: 'RateLimitRule'
          rateLimitDurationInMinutes: 1
          rateLimitThreshold: l.perMinute
          groupBy: [{ variableName: 'SocketAddr' }]
          action: 'Block'
          matchConditions: [
            { matchVariable: 'RequestMethod', operator: 'Equal', matchValue: [l.method], negateCondition: false }
            {
              matchVariable: 'RequestUri'
              operator: 'RegEx'
              matchValue: [l.path]
              negateCondition: false
              transforms: ['UrlDecode', 'Lowercase']
            }
          ]
        }),
        [
          // An alert quotes the attack that it tells of, which the managed rules would stop. Who posts
          // one has shown a token or a key, or is refused by the handler.
          {
            name: 'alerts'
            priority: 40
            enabledState: 'Enabled'
            ruleType: 'MatchRule'
            action: 'Allow'
            matchConditions: [
              { matchVariable: 'RequestMethod', operator: 'Equal', matchValue: ['POST'], negateCondition: false }
              {
                matchVariable: 'RequestUri'
                operator: 'RegEx'
                matchValue: ['${here}/api/quarantine$']
                negateCondition: false
              }
            ]
          }
        ]
      )
    }
    managedRules: {
      managedRuleSets: [
        {
          ruleSetType: 'Microsoft_DefaultRuleSet'
          ruleSetVersion: '2.2'
          ruleSetAction: 'Block'
          exclusions: encoded
        }
        {
          ruleSetType: 'Microsoft_BotManagerRuleSet'
          ruleSetVersion: '1.1'
        }
      ]
    }
  }
}

output id string = policy.id
