metadata description = 'The firewall policy of Front Door: managed rules, and rate limits on calls that create rows or try passphrases.'

@description('Name of the environment.')
param name string

@description('Tags of every resource.')
param tags { *: string }

@description('Creates per minute and client address.')
param createsPerMinute int

@description('Reads and unlocks per minute and client address.')
param readsPerMinute int

// RequestUri may or may not include the origin. Anchored, so that no query can match as a path.
var start = '^(https?://[^/?#]+)?'

// The handler accepts a trailing slash, a query and a fragment: they must not bypass a limit.
var end = '/?([?#].*)?$'

var rateLimits = [
  { name: 'create', priority: 10, perMinute: createsPerMinute, path: '${start}/api/secrets${end}' }
  { name: 'read', priority: 20, perMinute: readsPerMinute, path: '${start}/api/secrets/[^/]+/(read|unlock)${end}' }
  { name: 'quarantine', priority: 30, perMinute: 600, path: '${start}/api/quarantine${end}' }
]

// Values in base64url, which the rules could take for attacks. Everything else is inspected.
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
      // The firewall log contains no proof, no body and no client address.
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
        map(rateLimits, l => {
          name: l.name
          priority: l.priority
          enabledState: 'Enabled'
          ruleType: 'RateLimitRule'
          rateLimitDurationInMinutes: 1
          rateLimitThreshold: l.perMinute
          groupBy: [{ variableName: 'SocketAddr' }]
          action: 'Block'
          matchConditions: [
            { matchVariable: 'RequestMethod', operator: 'Equal', matchValue: ['POST'], negateCondition: false }
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
          // An alert quotes the attack that it reports, which the managed rules would block. The handler
          // accepts alerts only with a token or a key.
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
                matchValue: ['${start}/api/quarantine$']
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

@description('Id of the policy.')
output id string = policy.id
