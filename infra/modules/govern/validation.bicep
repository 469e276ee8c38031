metadata description = 'Validation of the parameters of main.bicep that decorators cannot express. Each check function returns its first argument, or fails before anything is deployed.'

func hasOnly(text string, alphabet string) bool =>
  empty(filter(range(0, length(text)), i => !contains(alphabet, substring(text, i, 1))))

func isHost(text string) bool =>
  contains(text, '.') && !startsWith(text, '.') && hasOnly(text, 'abcdefghijklmnopqrstuvwxyz0123456789-.')

func isGuid(text string) bool =>
  join(map(split(text, '-'), part => string(length(part))), '-') == '8-4-4-4-12' && hasOnly(
    toLower(text),
    '0123456789abcdef-'
  )

func isEmail(text string) bool =>
  length(split(text, '@')) == 2 && !startsWith(text, '@') && contains(last(split(text, '@')), '.') && !contains(
    text,
    ' '
  )

func isSha256(text string) bool => length(text) == 64 && hasOnly(toLower(text), '0123456789abcdef')

@export()
@description('Name of the environment. Names of storage accounts contain it, hence no hyphens.')
func checkName(name string) string =>
  hasOnly(name, 'abcdefghijklmnopqrstuvwxyz0123456789') && !hasOnly(take(name, 1), '0123456789')
    ? name
    : fail('name: lowercase letters and digits only, starting with a letter.')

@export()
@description('E-mail address for alerts: required in the hardened size.')
func checkAlertEmail(alertEmail string, hardened bool) string =>
  empty(alertEmail)
    ? hardened ? fail('alertEmail: required in the hardened size.') : ''
    : isEmail(alertEmail) ? alertEmail : fail('alertEmail: one address, such as security@example.com.')

@export()
@description('Client id of the Entra application: required in the hardened size, for the playbooks.')
func checkEntraClientId(entraClientId string, hardened bool) string =>
  empty(entraClientId)
    ? hardened
        ? fail('entraClientId: required in the hardened size; its playbooks sign in to the Entra application.')
        : ''
    : isGuid(entraClientId) ? entraClientId : fail('entraClientId: the client id of the application, not its name.')

@export()
@description('Object ids of operators.')
func checkOperators(operators string[]) string[] =>
  empty(filter(operators, id => !isGuid(id))) ? operators : fail('operators: Entra object ids, not e-mail addresses.')

@export()
@description('SHA-256 of operators\' keys.')
func checkAdminKeys(adminKeys string[]) string[] =>
  empty(filter(adminKeys, key => !isSha256(key)))
    ? adminKeys
    : fail('adminKeys: the SHA-256 of each key in hex, not the key.')

@export()
@description('SHA-256 of keys to create secrets with: used only with create = key.')
func checkCreateKeys(createKeys string[], create string) string[] =>
  !empty(createKeys) && create != 'key'
    ? fail('createKeys: used only with create = key.')
    : empty(filter(createKeys, key => !isSha256(key)))
        ? createKeys
        : fail('createKeys: the SHA-256 of each key in hex, not the key.')

@export()
@description('Who may create secrets: entra and key need the application or the keys, or nobody could.')
func checkCreate(create string, entraClientId string, createKeys string[]) string =>
  create == 'entra' && empty(entraClientId)
    ? fail('create: entra needs entraClientId.')
    : create == 'key' && empty(createKeys) ? fail('create: key needs createKeys.') : create

@export()
@description('Origin of the page: https, a host and at most a port.')
func checkOrigin(origin string) string =>
  empty(origin) || startsWith(origin, 'https://') && isHost(split(substring(origin, min(8, length(origin))), ':')[0]) && hasOnly(
      substring(origin, min(8, length(origin))),
      'abcdefghijklmnopqrstuvwxyz0123456789-.:'
    )
    ? origin
    : fail('origin: https:// and a lowercase host, without a trailing slash.')

@export()
@description('Number of running instances.')
func checkAlwaysReady(alwaysReady int, maximumInstances int) int =>
  alwaysReady > maximumInstances ? fail('alwaysReady: more than maximumInstances.') : alwaysReady

@export()
@description('Address range of the network, which is split into four subnets.')
func checkNetworkRange(networkRange string) string =>
  endsWith(networkRange, '.0/22') && '${parseCidr(networkRange).network}/22' == networkRange
    ? networkRange
    : fail('networkRange: a /22 range by its first address, such as 10.60.0.0/22.')

@export()
@description('Hosts of packages.')
func checkPackageHosts(packageHosts string[]) string[] =>
  empty(filter(packageHosts, host => !isHost(host)))
    ? packageHosts
    : fail('packageHosts: host names without wildcards.')

@export()
@description('Start of the budget.')
func checkBudgetStart(budgetStart string) string =>
  length(budgetStart) == 10 && startsWith(budgetStart, '20') && hasOnly(substring(budgetStart, 2, 2), '0123456789') && contains(
      [
        '-01-01'
        '-02-01'
        '-03-01'
        '-04-01'
        '-05-01'
        '-06-01'
        '-07-01'
        '-08-01'
        '-09-01'
        '-10-01'
        '-11-01'
        '-12-01'
      ],
      substring(budgetStart, 4)
    )
    ? budgetStart
    : fail('budgetStart: the first day of a month, such as 2026-12-01.')
