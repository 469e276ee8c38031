//go:build linux || darwin || freebsd

package bolt

import (
	"os"

	"golang.org/x/sys/unix"
)

// available returns how many bytes the file system of a file still has for this
// process, and false when it does not tell.
func available(file *os.File) (bytes int64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Fstatfs(int(file.Fd()), &s); err != nil || s.Blocks == 0 {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:gosec,unconvert // the types differ between systems
}
