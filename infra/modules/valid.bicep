metadata description = 'What values of parameters look like, for what decorators cannot say.'

@export()
@description('Whether a text has only characters of an alphabet.')
func onlyOf(alphabet string, text string) bool =>
  empty(filter(range(0, length(text)), i => !contains(alphabet, substring(text, i, 1))))

@export()
@description('Whether a text is a name: a to z and 0 to 9, a letter first.')
func isName(text string) bool =>
  onlyOf('abcdefghijklmnopqrstuvwxyz0123456789', text) && !onlyOf('0123456789', take(text, 1))

@export()
@description('Whether every text is SHA-256 in hex.')
func areHashes(texts string[]) bool =>
  empty(filter(texts, text => length(text) != 64 || !onlyOf('0123456789abcdef', toLower(text))))

@export()
@description('Whether a text is an origin, which ends where a path would begin, and holds a host and a port at most.')
func isOrigin(text string) bool =>
  startsWith(text, 'https://') && isHost(split(substring(text, min(8, length(text))), ':')[0]) && onlyOf(
    'abcdefghijklmnopqrstuvwxyz0123456789-.:',
    substring(text, min(8, length(text)))
  )

@export()
@description('Whether a text is the name of a host, in lower case, and no wildcard.')
func isHost(text string) bool =>
  contains(text, '.') && !startsWith(text, '.') && onlyOf('abcdefghijklmnopqrstuvwxyz0123456789-.', text)

@export()
@description('Whether a text is an address of e-mail, roughly.')
func isEmail(text string) bool =>
  length(split(text, '@')) == 2 && !startsWith(text, '@') && contains(last(split(text, '@')), '.') && !contains(
    text,
    ' '
  )

@export()
@description('Whether a text is an id of Entra.')
func isGuid(text string) bool =>
  join(map(split(text, '-'), part => string(length(part))), '-') == '8-4-4-4-12' && onlyOf(
    '0123456789abcdef-',
    toLower(text)
  )

@export()
@description('Whether a text is a range of IPv4 addresses of /22, written as its first address.')
func isRange(text string) bool => endsWith(text, '.0/22') && '${parseCidr(text).network}/22' == text

@export()
@description('Whether a text is the first day of a month, like 2026-12-01.')
func isFirstOfMonth(text string) bool =>
  length(text) == 10 && startsWith(text, '20') && onlyOf('0123456789', substring(text, 2, 2)) && contains(
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
    substring(text, 4)
  )
