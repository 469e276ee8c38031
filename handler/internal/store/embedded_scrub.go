package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
)

// scrubbed is how many pages one step of Scrub looks at, while nobody else may.
const scrubbed = 4096

// Scrub overwrites with zeros what was deleted: bbolt leaves the bytes of freed
// pages in the file. After it has returned, nothing that was deleted before the
// call stands in the file. It shuts readers and writers out for short steps.
func (e *Embedded) Scrub(ctx context.Context) (err error) {
	file, err := os.OpenFile(e.db.Path(), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("scrub store: %w", err)
	}
	defer func() { err = errors.Join(err, file.Sync(), file.Close()) }()
	for next := 0; next >= 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if next, err = e.scrub(file, next); err != nil {
			return fmt.Errorf("scrub store: %w", err)
		}
	}
	return nil
}

// scrub looks at some pages from the given one and returns where to go on, -1
// at the end. The transaction keeps writers out and is never committed: a page
// that is free stays free, so a crash in the middle leaves the file sound.
func (e *Embedded) scrub(file *os.File, from int) (next int, err error) {
	e.readers.Lock()
	defer e.readers.Unlock()
	tx, err := e.db.Begin(true)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	for id := from; id < from+scrubbed; id++ {
		page, err := tx.Page(id)
		if err != nil {
			return 0, err
		}
		if page == nil {
			return -1, nil
		}
		if page.Type == "free" {
			if err := wipe(file, int64(id), int64(tx.DB().Info().PageSize)); err != nil {
				return 0, err
			}
		}
	}
	return from + scrubbed, nil
}

// wipe overwrites a page, unless it is all zeros already.
func wipe(file *os.File, id, size int64) error {
	page, zeros := make([]byte, size), make([]byte, size)
	if _, err := file.ReadAt(page, id*size); err != nil || bytes.Equal(page, zeros) {
		return err
	}
	_, err := file.WriteAt(zeros, id*size)
	return err
}
