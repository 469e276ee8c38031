package bolt

import (
	"context"
	"fmt"
	"math"
	"time"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// headroom is how many bytes inserts leave for all other writes, so that rows can
// still be read, acknowledged, revoked and purged when the disk is full.
const headroom = 1 << 20

// The last tenth of the store is for secrets that are small and soon over, so that
// those who fill the store with others leave room for the usual ones.
const (
	smallSize = 16 << 10                     // bytes of an envelope
	smallLife = 24*time.Hour + 2*time.Minute // what a client asks for a day may get
	lastPart  = 10
)

// sealedOverhead is how many bytes an envelope grows when it is sealed: nonce and tag.
const sealedOverhead = 28

func isSmall(r *secret.Record) bool {
	return len(r.Sealed.Envelope) <= smallSize+sealedOverhead && r.Expires.Sub(r.Created) <= smallLife
}

// Room says how many bytes inserts may still use, and how many the store can have in all:
// by its limit, or by the disk where that is less.
type Room struct{ Left, All int64 }

// Full reports whether the store takes no secret, not even a small one.
func (r Room) Full() bool { return r.Left < smallSize }

// Scarce reports whether the store takes only small secrets that are soon over.
func (r Room) Scarce() bool { return r.Left < r.All/lastPart }

// Room returns the room that is left.
func (e *Store) Room(ctx context.Context) (r Room, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		if r = e.room(tx); e.refused.Load() {
			r.Left = 0
		}
		return nil
	})
	return r, err
}

func (e *Store) room(tx *bbolt.Tx) Room {
	size, free := tx.Size(), e.free()
	used, all := size-free, int64(math.MaxInt64)
	if available, ok := available(e.file); ok {
		claimed := free + max(0, e.reserved.Load()-size)
		all = used + max(0, claimed+available-2*headroom)
	}
	if e.limit > 0 {
		all = min(all, e.limit)
	}
	if e.limit > 0 && e.copied.Load() { // pages that the copy needs count as free, and cannot be used
		used = max(used, size-e.pagesFree(e.db.Stats().FreePageN)-slack(e.limit))
	}
	return Room{max(0, all-used), all}
}

// slack returns by how much the file may be larger than its limit for the sake of a copy.
func slack(limit int64) int64 { return limit / 8 }

// hasRoom returns secret.ErrFull when an insert of that many bytes must be refused.
// Free pages do not count as used: the file never shrinks.
func (e *Store) hasRoom(tx *bbolt.Tx, bytes int, small bool) error {
	if r := e.room(tx); r.Left < int64(bytes) || r.Scarce() && !small {
		return fmt.Errorf("%w: %d of %d bytes are left", secret.ErrFull, r.Left, r.All)
	}
	return nil
}

// Ping reports whether the store can be read and written: secret.ErrFull when it refuses
// secrets, even if it still takes small ones.
func (e *Store) Ping(ctx context.Context) error {
	err := e.view(ctx, func(tx *bbolt.Tx) error {
		if err := checkSchema(tx); err != nil {
			return err
		}
		return e.hasRoom(tx, smallSize, false)
	})
	if err == nil && e.refused.Load() { // there may be a quota: only a try tells when it is over
		err = e.write(ctx, smallSize, func(*bbolt.Tx) error { return nil })
	}
	return err
}

// Size returns the file's size in bytes, free pages included.
func (e *Store) Size() (size int64) {
	_ = e.view(context.Background(), func(tx *bbolt.Tx) error { size = tx.Size(); return nil })
	return size
}

// reserve makes sure that inserts of that many bytes find their space on the disk
// and leave the headroom: in free pages, or beyond the end, where it writes
// zeros. bbolt grows the file without claiming its space. Called by commit only.
func (e *Store) reserve(bytes int) error {
	var end int64
	if err := e.db.View(func(tx *bbolt.Tx) error { end = tx.Size(); return nil }); err != nil {
		return err
	}
	reserved := max(e.reserved.Load(), end)
	missing := int64(2*bytes+headroom) - e.free() - (reserved - end) // a page may be half empty
	if missing <= 0 {
		e.refused.Store(false)
		return nil
	}
	_, err := e.file.WriteAt(make([]byte, missing+headroom), reserved)
	e.refused.Store(err != nil)
	if err != nil {
		return fmt.Errorf("%w: reserve space: %w", secret.ErrFull, err)
	}
	e.reserved.Store(reserved + missing + headroom)
	return nil
}

// free returns how many bytes of the file are in free pages.
func (e *Store) free() int64 {
	stats := e.db.Stats()
	return e.pagesFree(stats.FreePageN + stats.PendingPageN)
}

func (e *Store) pagesFree(n int) int64 { return int64(n) * int64(e.db.Info().PageSize) }
