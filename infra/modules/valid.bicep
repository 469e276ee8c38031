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
@description('Whether a text is an origin, which ends where a path would begin.')
func isOrigin(text string) bool => startsWith(text, 'https://') && length(text) > 8 && length(split(text, '/')) == 3

@export()
@description('Whether a text is the first day of a month, like 2026-12-01.')
func isFirstOfMonth(text string) bool =>
  length(text) == 10 && endsWith(text, '-01') && onlyOf('0123456789-', text) && length(split(text, '-')) == 3
