// Package owned opens the files of the data directory, and refuses those that another
// user could read, change or replace.
//
// A file or directory must belong to the user of this process or to root, who can do
// everything anyway, and its mode must not admit others. The open file is checked, so that nobody can exchange it between the check and its use, and a path
// that ends in a symbolic link is refused. On systems without such owners and modes
// only the kind of file is checked.
package owned

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrAccess is returned for a file or directory that another user could read, change or
// replace. The text names it, and the command that mends it.
var ErrAccess = errors.New("other users have access")

// Modes says who may have access besides the owner.
type Modes int

const (
	// Private gives access to nobody else.
	Private Modes = iota
	// Group gives the file's group access, for volumes on which an orchestrator sets
	// group and mode, such as those with an fsGroup in Kubernetes.
	Group
)

// Parse reads the text private or group.
func Parse(text string) (Modes, error) {
	switch text {
	case "private":
		return Private, nil
	case "group":
		return Group, nil
	}
	return 0, errors.New("must be one of private, group")
}

// OpenFile is os.OpenFile for a regular file. Errors: ErrAccess.
func (m Modes) OpenFile(path string, flag int, perm fs.FileMode) (*os.File, error) {
	return m.open(path, flag, perm, func(info fs.FileInfo) error {
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", path)
		}
		return m.check(path, info, 0o077)
	})
}

// ReadFile returns the content of a regular file, at most limit bytes of it. Errors:
// ErrAccess.
func (m Modes) ReadFile(path string, limit int64) ([]byte, fs.FileInfo, error) {
	file, err := m.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, nil, err
	}
	info, statErr := file.Stat()
	data, err := io.ReadAll(io.LimitReader(file, limit))
	return data, info, errors.Join(err, statErr, file.Close())
}

// CheckDir checks a directory whose files have modes of their own: others may list
// it, as a new volume lets them, but not write it. Errors: ErrAccess.
func (m Modes) CheckDir(path string) error { return m.checkDir(path, 0o022) }

// CheckClosedDir checks a directory that others may not even list. Errors: ErrAccess.
func (m Modes) CheckClosedDir(path string) error { return m.checkDir(path, 0o077) }

func (m Modes) checkDir(path string, refused fs.FileMode) error {
	dir, err := m.open(path, os.O_RDONLY, 0, func(info fs.FileInfo) error {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a directory", path)
		}
		return m.check(path, info, refused)
	})
	if err != nil {
		return err
	}
	return dir.Close()
}

// CheckParent checks that not everybody can exchange what is at the path. Who owns the
// directory above, and its group, may: a checkout often belongs to a group, and whoever
// exchanges a file still has to own what is put there. Errors: ErrAccess.
func CheckParent(path string) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	parent := filepath.Dir(absolute)
	info, err := os.Stat(parent) // it may be one that this process cannot list
	if err != nil {
		return err
	}
	// A sticky bit keeps users from renaming what is not theirs, as in /tmp.
	if info.Mode()&fs.ModeSticky == 0 && info.Mode().Perm()&0o002&modeBits != 0 {
		return fmt.Errorf("%s has mode %04o, and everybody on this machine may exchange what is in it: run chmod o-w %s: %w", parent, info.Mode().Perm(), parent, ErrAccess)
	}
	return nil
}

// open opens a file and checks it.
func (m Modes) open(path string, flag int, perm fs.FileMode, check func(fs.FileInfo) error) (*os.File, error) {
	file, err := os.OpenFile(path, flag|noFollow, perm) // #nosec G304 -- in the operator's directory
	if isLink(err) {
		return nil, fmt.Errorf("%s is a symbolic link: put the file itself there: %w", path, ErrAccess)
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil {
		err = check(info)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// check refuses a foreign owner, and the refused bits of the mode.
func (m Modes) check(path string, info fs.FileInfo, refused fs.FileMode) error {
	if owner, self, foreign := foreignOwner(info); foreign {
		return fmt.Errorf("%s belongs to user %d, and this process runs as user %d: find out who made it, then run chown %d %s: %w", path, owner, self, self, path, ErrAccess)
	}
	if m == Group {
		refused &^= 0o070
	}
	perm := info.Mode().Perm()
	switch bad := perm & refused & modeBits; {
	case bad == 0:
		return nil
	case bad&0o007 == 0:
		return fmt.Errorf("%s has mode %04o, which admits its group: run chmod g-%s %s, or set SSS_DATA_MODES=group if the group is meant to have access: %w", path, perm, letters(refused), path, ErrAccess)
	default:
		who := "go"
		if m == Group {
			who = "o"
		}
		return fmt.Errorf("%s has mode %04o, which admits everybody on this machine: run chmod %s-%s %s: %w", path, perm, who, letters(refused), path, ErrAccess)
	}
}

func letters(refused fs.FileMode) string {
	if refused&0o055 == 0 {
		return "w"
	}
	return "rwx"
}
