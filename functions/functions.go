// Package functions embeds the manifests that the Functions host reads: one folder
// for each function, named after the operation, with its function.json. The handler
// builds its routes and schedules from the same files, so that the two cannot differ.
package functions

import "embed"

// Files holds <name>/function.json for every function.
//
//go:embed */function.json
var Files embed.FS
