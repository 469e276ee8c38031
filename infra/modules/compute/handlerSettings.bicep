metadata description = 'The settings of the handler that an operator may change, see docs/operations.md.'

@export()
@sealed()
@description('Settings by name. The others keep their defaults.')
type handlerSettings = {
  SSS_START: ('strict' | 'degraded')?
  SSS_ADMIN_ROLE: string?
  SSS_MIN_TTL: string?
  SSS_DEFAULT_TTL: string?
  SSS_MAX_TTL: string?
  SSS_MAX_VIEWS: string?
  SSS_MAX_ENVELOPE: string?
  SSS_REQUIRE_PASSPHRASE: ('true' | 'false')?
  SSS_RECEIPT_RETENTION: string?
  SSS_TRIES: string?
  SSS_RATE: string?
  SSS_ADDRESS_BYTES: string?
  SSS_ALERT_SEVERITY: ('Informational' | 'Low' | 'Medium' | 'High')?
  SSS_ALERT_TYPES: string?
  SSS_ABUSE: string?
  SSS_HOLD: string?
  SSS_HOLD_MAX: string?
  SSS_HOLD_RETENTION: string?
  SSS_LOG: ('trace' | 'debug' | 'info' | 'warn' | 'error')?
}

@export()
@description('The handler\'s own defaults, so that the portal shows every value. Only SSS_START differs: in Azure every new instance is a start, and a key that somebody deleted must not stop all of them.')
var defaults = {
  SSS_START: 'degraded'
  SSS_ADMIN_ROLE: 'Secrets.Operate'
  SSS_MIN_TTL: '5m'
  SSS_DEFAULT_TTL: '24h'
  SSS_MAX_TTL: '720h'
  SSS_MAX_VIEWS: '100'
  SSS_MAX_ENVELOPE: '921600'
  SSS_REQUIRE_PASSPHRASE: 'false'
  SSS_RECEIPT_RETENTION: '168h'
  SSS_TRIES: '10'
  SSS_RATE: '20/m'
  SSS_ADDRESS_BYTES: '256MiB'
  SSS_ALERT_SEVERITY: 'Medium'
  SSS_ALERT_TYPES: ''
  SSS_ABUSE: 'off'
  SSS_HOLD: '24h'
  SSS_HOLD_MAX: '720h'
  SSS_HOLD_RETENTION: '8760h'
  SSS_LOG: 'info'
}
