package bolt

import (
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// headroom is how many bytes inserts leave for all other writes. When the disk
// is full, what is there can still be read, acknowledged, revoked and purged.
const headroom = 1 << 20

// reserve makes sure that inserts of so many bytes find their space on the disk
// and leave the headroom: in free pages, or behind the end, where it writes
// zeros. bbolt itself grows the file without claiming its space. Called by commit only.
func (e *Store) reserve(bytes int) error {
	var end int64
	if err := e.db.View(func(tx *bbolt.Tx) error { end = tx.Size(); return nil }); err != nil {
		return err
	}
	e.reserved = max(e.reserved, end)
	missing := int64(2*bytes+headroom) - e.free() - (e.reserved - end) // a page may be half empty
	if missing <= 0 {
		return nil
	}
	if _, err := e.file.WriteAt(make([]byte, missing+headroom), e.reserved); err != nil {
		return fmt.Errorf("%w: reserve space: %w", secret.ErrFull, err)
	}
	e.reserved += missing + headroom
	return nil
}

// free returns how many bytes of the file are in free pages.
func (e *Store) free() int64 {
	stats := e.db.Stats()
	return int64(stats.FreePageN+stats.PendingPageN) * int64(e.db.Info().PageSize)
}

// full reports whether an insert must be refused. Free pages count as free, for
// the file never shrinks.
func (e *Store) full(tx *bbolt.Tx) bool {
	return e.limit > 0 && tx.Size() > e.limit && tx.Size()-e.free() > e.limit
}
