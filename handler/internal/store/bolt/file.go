package bolt

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// What opening an embedded store may answer. The file is left untouched.
var (
	ErrLocked  = errors.New("another process has the store open")
	ErrForeign = errors.New("not a store of this program, or a torn one")
)

// inspect looks at an existing file without writing to it. bbolt trusts what it
// reads, and panics or faults on what is torn.
func inspect(path string) (err error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrForeign, p)
		}
	}()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout, PreLoadFreelist: true})
	if err != nil {
		return opening(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.View(func(tx *bbolt.Tx) error {
		if tx.Size() > info.Size() {
			return ErrForeign
		}
		return known(tx)
	})
}

func opening(err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	case errors.Is(err, os.ErrPermission), errors.Is(err, os.ErrNotExist):
		return err
	}
	return fmt.Errorf("%w: %w", ErrForeign, err)
}

// known refuses a file whose schema this version does not know.
func known(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return ErrForeign
	}
	version, err := strconv.Atoi(string(meta.Get(schemaKey)))
	switch {
	case err != nil:
		return ErrForeign
	case version > store.Schema:
		return store.ErrNewer
	}
	return nil
}

// prepare makes what a new file needs, and looks again at one that another
// process may have written since inspect.
func prepare(tx *bbolt.Tx) error {
	if tx.Bucket(metaBucket) != nil {
		if err := known(tx); err != nil {
			return err
		}
	}
	for _, name := range allBuckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(metaBucket).Put(schemaKey, []byte(strconv.Itoa(store.Schema)))
}
