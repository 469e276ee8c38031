// Package functions holds what the Functions host reads: one folder for each
// function, named as the operation, with its function.json. The handler embeds
// the same files and builds its routes and schedules from them, so that the two
// cannot come apart.
package functions

import "embed"

// Files holds <name>/function.json for every function.
//
//go:embed */function.json
var Files embed.FS
