metadata description = 'What the edge limits: what makes rows, what tries passphrases, and what raises alarms.'

@description('What one rule limits: a method, and the form of the path.')
type limit = {
  name: string
  priority: int
  perMinute: int
  method: string
  path: string
}

@export()
@description('How a path begins. Whether the variable holds the origin too, it matches from its start, so that no query passes for a path.')
var here = '^(https?://[^/?#]+)?'

// What the service takes no notice of must not lead around a limit.
var end = '/?([?#].*)?$'

@export()
@description('The limits of one address in a minute.')
func limitsOf(creates int, reads int) limit[] => [
  { name: 'create', priority: 10, perMinute: creates, method: 'POST', path: '${here}/api/secrets${end}' }
  {
    name: 'read'
    priority: 20
    perMinute: reads
    method: 'POST'
    path: '${here}/api/secrets/[^/]+/(read|unlock)${end}'
  }
  { name: 'quarantine', priority: 30, perMinute: 600, method: 'POST', path: '${here}/api/quarantine${end}' }
]
