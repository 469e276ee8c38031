//go:build !unix

package owned

import "io/fs"

const (
	noFollow = 0
	modeBits = fs.FileMode(0)
)

func isLink(error) bool { return false }

func foreignOwner(fs.FileInfo) (owner, self int, foreign bool) { return 0, 0, false }
