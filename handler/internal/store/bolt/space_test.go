package bolt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// TestInsertStopsAtTheLimit fills a store to its limit three times: the space that Clear frees can be used again.
func TestInsertStopsAtTheLimit(t *testing.T) {
	s := openStore(t, newPath(t), 4<<20)
	for round := range 3 {
		rows := fillUp(t, s)
		if len(rows) < 20 {
			t.Fatalf("round %d: full after %d rows", round, len(rows))
		}
		last, err := s.Get(t.Context(), rows[len(rows)-1])
		must(t, err)
		must(t, s.Update(t.Context(), last))
		var all []*secret.Record
		for _, id := range rows {
			r, err := s.Peek(t.Context(), id)
			must(t, err)
			all = append(all, r)
		}
		left, err := s.Clear(t.Context(), all)
		if err != nil || len(left) > 0 {
			t.Fatalf("clear: %d left, %v", len(left), err)
		}
		t.Logf("round %d: %d rows, file of %d bytes", round, len(rows), s.Size())
	}
	if s.Size() > 6<<20 {
		t.Errorf("the file has %d bytes", s.Size())
	}
}

// fillUp inserts until the store is full and returns the IDs of the rows.
func fillUp(t *testing.T, s *bolt.Store) (ids []header.ID) {
	t.Helper()
	for range 1000 {
		r := storetest.Record(storetest.Start, 50_000)
		err := s.Insert(t.Context(), r)
		if errors.Is(err, secret.ErrFull) {
			return ids
		}
		must(t, err)
		ids = append(ids, r.ID)
	}
	t.Fatal("inserted 50 MB beyond the limit")
	return nil
}

// TestLastTenthIsForSmallSecrets fills a store with large secrets, and what they leave
// with small ones.
func TestLastTenthIsForSmallSecrets(t *testing.T) {
	s := openStore(t, newPath(t), 4<<20)
	rows := fillUp(t, s)
	room, err := s.Room(t.Context())
	if err != nil || room.All != 4<<20 || room.Left < room.All/20 || !room.Scarce() || room.Full() {
		t.Errorf("large secrets left %d of %d bytes, %v", room.Left, room.All, err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, secret.ErrFull) {
		t.Errorf("ping of a store that refuses large secrets: %v", err)
	}
	for _, c := range []struct {
		name string
		size int
		life time.Duration
		want error
	}{
		{"a small one for a day", 16<<10 + 28, 24*time.Hour + 2*time.Minute, nil},
		{"a larger one", 16<<10 + 29, time.Hour, secret.ErrFull},
		{"one that lives longer", 100, 25 * time.Hour, secret.ErrFull},
	} {
		r := storetest.Record(storetest.Start, c.size)
		r.Created = r.Expires.Add(-c.life)
		if err := s.Insert(t.Context(), r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for err == nil {
		err = s.Insert(t.Context(), storetest.Record(storetest.Start, 16<<10))
	}
	if ping := s.Ping(t.Context()); !errors.Is(err, secret.ErrFull) || !errors.Is(ping, secret.ErrFull) {
		t.Errorf("full of small secrets: %v, ping: %v", err, ping)
	}
	var cleared []*secret.Record
	for _, id := range rows {
		r, err := s.Peek(t.Context(), id)
		must(t, err)
		cleared = append(cleared, r)
	}
	if left, err := s.Clear(t.Context(), cleared); err != nil || len(left) > 0 {
		t.Fatal(left, err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestFullDiskLosesNothing fills the store of a process whose files may not grow
// beyond 8 MiB.
func TestFullDiskLosesNothing(t *testing.T) {
	path := newPath(t)
	h := startHelper(t, "limit", path)
	if got := h.line(t); got != "intact" {
		t.Fatal(got)
	}
	t.Log(h.line(t))
	must(t, h.Wait())
	checkFile(t, path)
}

// writeUntilFull exceeds the limit in every way, and prints "intact" if no row was lost.
func writeUntilFull(out io.Writer, args []string) error {
	signal.Ignore(unix.SIGXFSZ)
	s, err := bolt.Open(args[0], 0, owned.Private)
	if err != nil {
		return err
	}
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 8 << 20, Max: old.Max}); err != nil {
		return err
	}
	ctx := context.Background()
	var kept []*secret.Record
	for {
		r := storetest.Record(storetest.Start, 30_000)
		if err := s.Insert(ctx, r); errors.Is(err, secret.ErrFull) {
			break
		} else if err != nil {
			return fmt.Errorf("insert: %w", err)
		}
		kept = append(kept, r)
	}
	if err := writeTogether(ctx, s, kept); err != nil {
		return err
	}
	if err := checkRows(ctx, s, kept); err != nil {
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	if err := s.Ping(ctx); err != nil {
		return fmt.Errorf("ping with space again: %w", err)
	}
	if err := s.Insert(ctx, storetest.Record(storetest.Start, 30_000)); err != nil {
		return fmt.Errorf("insert with space again: %w", err)
	}
	_, _ = fmt.Fprintln(out, "intact")
	_, _ = fmt.Fprintln(out, len(kept), "rows kept, file of", s.Size(), "bytes")
	return s.Close()
}

// writeTogether sends inserts that do not fit together with reminders and updates
// that do: the inserts must fail alone.
func writeTogether(ctx context.Context, s *bolt.Store, kept []*secret.Record) error {
	var group sync.WaitGroup
	errs := make(chan error, 200)
	for i := range 64 {
		group.Go(func() {
			if err := s.Insert(ctx, storetest.Record(storetest.Start, 900_000)); !errors.Is(err, secret.ErrFull) {
				errs <- fmt.Errorf("insert on a full disk: %w", err)
			}
		})
		group.Go(func() {
			r, err := s.Peek(ctx, kept[i].ID)
			if err != nil {
				errs <- err
				return
			}
			r.Views = 0
			r.Leases = slices.Repeat([]secret.Lease{{Taken: storetest.Start, End: storetest.Start}}, 30) // the row grows
			if err := errors.Join(s.AddReminder(ctx, r.ID, storetest.Start), s.Update(ctx, r)); err != nil {
				errs <- fmt.Errorf("update on a full disk: %w", err)
			}
		})
	}
	group.Wait()
	close(errs)
	var all error
	for err := range errs {
		all = errors.Join(all, err)
	}
	return all
}

// checkRows checks that all rows are there, that the first 64 have their updates
// and reminders, and that rows can be cleared.
func checkRows(ctx context.Context, s *bolt.Store, kept []*secret.Record) error {
	if err := s.Ping(ctx); !errors.Is(err, secret.ErrFull) {
		return fmt.Errorf("ping on a full disk: %w", err)
	}
	var rows []*secret.Record
	for i, want := range kept {
		r, err := s.Get(ctx, want.ID)
		if err != nil || !bytes.Equal(r.Sealed.Envelope, want.Sealed.Envelope) || r.Views != 0 && i < 64 {
			return fmt.Errorf("row %d of %d after the disk was full: %w", i, len(kept), err)
		}
		rows = append(rows, r)
	}
	reminders, _, err := s.DueReminders(ctx, storetest.Start.Add(time.Hour), "")
	if err != nil || len(reminders) != 64 {
		return fmt.Errorf("%d reminders, want 64, %w", len(reminders), err)
	}
	left, err := s.Clear(ctx, rows[:10])
	if err != nil || len(left) > 0 {
		return fmt.Errorf("clear on a full disk left %d: %w", len(left), err)
	}
	return s.Insert(ctx, storetest.Record(storetest.Start, 30_000)) // in the space of those
}
