//go:build unix

package owned

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const (
	noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK // opening a pipe must not wait for its writer
	modeBits = fs.ModePerm
)

// isLink reports whether an error means that the path ends in a symbolic link.
func isLink(err error) bool {
	return errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EMLINK) // FreeBSD has EMLINK
}

func foreignOwner(info fs.FileInfo) (owner, self int, foreign bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	owner, self = int(stat.Uid), os.Geteuid()
	return owner, self, owner != 0 && owner != self
}
