package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
)

// scrubStep is how many pages Scrub visits while nobody else may use the file.
const scrubStep = 1024

// Scrub overwrites deleted data with zeros: bbolt leaves the bytes of free pages
// in the file, and those of a failed transaction beyond its end. When Scrub has
// returned, the file contains nothing that was deleted before the call. It blocks
// readers and writers for short steps.
func (e *Store) Scrub(ctx context.Context) error {
	s := scrub{file: e.file}
	for !s.done {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := e.scrub(&s); err != nil {
			return fmt.Errorf("scrub store: %w", err)
		}
	}
	if err := e.file.Sync(); err != nil {
		return fmt.Errorf("scrub store: %w", err)
	}
	return nil
}

// scrub is the progress of one call of Scrub.
type scrub struct {
	file *os.File
	page []byte // as long as a page of bbolt
	next int    // number of the page
	done bool
}

// scrub takes one step. Its transaction keeps writers out and lets bbolt free the
// pages that no reader needs any more. It is never committed: a free page stays
// free, so a crash in the middle leaves the file intact.
func (e *Store) scrub(s *scrub) (err error) {
	e.readers.Lock()
	defer e.readers.Unlock()
	if e.broken.Load() {
		return ErrBroken
	}
	tx, err := e.db.Begin(true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	size := e.db.Info().PageSize
	s.page = slices.Grow(s.page[:0], size)[:size]
	pages := int(info.Size()) / size
	for end := min(s.next+scrubStep, pages); s.next < end; s.next++ {
		page, err := tx.Page(s.next) // nil beyond the last
		if err == nil && (page == nil || page.Type == "free") {
			err = s.wipe(int64(s.next) * int64(size))
		}
		if err != nil {
			return err
		}
	}
	s.done = s.next == pages
	return nil
}

// wipe overwrites a page, unless it is all zeros.
func (s *scrub) wipe(offset int64) error {
	if _, err := s.file.ReadAt(s.page, offset); err != nil {
		return err
	}
	if !slices.ContainsFunc(s.page, func(b byte) bool { return b != 0 }) {
		return nil
	}
	clear(s.page)
	_, err := s.file.WriteAt(s.page, offset)
	return err
}
