package bolt

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// scrubStep is how many pages Scrub visits while nobody else may use the file.
const scrubStep = 1024

// Scrub overwrites deleted data with zeros: bbolt leaves the bytes of free pages
// in the file, and those of a failed transaction beyond its end. When Scrub has
// returned, the file contains nothing that was deleted before the call. It blocks
// readers and writers for short steps.
func (e *Store) Scrub(ctx context.Context) error {
	for first, done := 0, false; !done; first += scrubStep {
		err := ctx.Err()
		if err != nil {
			return err
		}
		if done, err = e.scrub(first); err != nil {
			return fmt.Errorf("scrub store: %w", err)
		}
	}
	if err := e.file.Sync(); err != nil {
		return fmt.Errorf("scrub store: %w", err)
	}
	return nil
}

// scrub takes one step, from the page with the number first, and reports whether it
// was the last. Its transaction keeps writers out and lets bbolt free the pages
// that no reader needs any more. It is never committed: a free page stays free, so
// a crash between two steps leaves the file intact.
func (e *Store) scrub(first int) (done bool, err error) {
	e.readers.Lock()
	defer e.readers.Unlock()
	if e.broken.Load() {
		return false, ErrBroken
	}
	tx, err := e.db.Begin(true)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	info, err := e.file.Stat()
	if err != nil {
		return false, err
	}
	buffer := make([]byte, e.db.Info().PageSize)
	pages := int(info.Size()) / len(buffer)
	for n := first; n < min(first+scrubStep, pages); n++ {
		page, err := tx.Page(n) // nil beyond the last
		if err == nil && (page == nil || page.Type == "free") {
			err = e.wipe(buffer, int64(n)*int64(len(buffer)))
		}
		if err != nil {
			return false, err
		}
	}
	return first+scrubStep >= pages, nil
}

// wipe overwrites a page, unless it is all zeros. It uses page as its buffer.
func (e *Store) wipe(page []byte, offset int64) error {
	if _, err := e.file.ReadAt(page, offset); err != nil {
		return err
	}
	if !slices.ContainsFunc(page, func(b byte) bool { return b != 0 }) {
		return nil
	}
	clear(page)
	_, err := e.file.WriteAt(page, offset)
	return err
}
