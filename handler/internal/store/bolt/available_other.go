//go:build !(linux || darwin || freebsd)

package bolt

import "os"

func available(*os.File) (bytes int64, ok bool) { return 0, false }
