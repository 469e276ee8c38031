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

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// TestInsertStopsAtTheLimit fills a store to its limit, twice: what purge frees can be filled again.
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
		t.Errorf("a file of %d bytes", s.Size())
	}
}

// fillUp inserts until the store is full and returns what it took.
func fillUp(t *testing.T, s *bolt.Store) (ids []secret.ID) {
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
	t.Fatal("nothing stopped it")
	return nil
}

// TestFullDiskLosesNothing fills what the disk allows: by a process whose files
// may not grow beyond 8 MiB.
func TestFullDiskLosesNothing(t *testing.T) {
	path := newPath(t)
	h := startHelper(t, "limit", path)
	if got := h.line(t); got != "sound" {
		t.Fatal(got)
	}
	t.Log(h.line(t))
	must(t, h.Wait())
	checkFile(t, path)
}

// writeUntilFull runs into the limit in every way, and says whether the store stayed sound.
func writeUntilFull(_ io.Reader, out io.Writer, args []string) error {
	signal.Ignore(unix.SIGXFSZ)
	s, err := bolt.Open(args[0], 0)
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
	if err := crowd(ctx, s, kept); err != nil {
		return err
	}
	if err := standing(ctx, s, kept); err != nil {
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	if err := s.Insert(ctx, storetest.Record(storetest.Start, 30_000)); err != nil {
		return fmt.Errorf("insert with space again: %w", err)
	}
	say(out, "sound")
	say(out, len(kept), "rows kept, file of", s.Size(), "bytes")
	return s.Close()
}

// crowd sends inserts that cannot be done together with marks and updates that
// can: the former must not drag the latter along.
func crowd(ctx context.Context, s *bolt.Store, kept []*secret.Record) error {
	var group sync.WaitGroup
	errs := make(chan error, 200)
	for i := range 64 {
		group.Go(func() {
			if err := s.Insert(ctx, storetest.Record(storetest.Start, 900_000)); !errors.Is(err, secret.ErrFull) {
				errs <- fmt.Errorf("an insert on a full disk: %w", err)
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
				errs <- fmt.Errorf("an update on a full disk: %w", err)
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

// standing checks that all rows are there, that those in the crowd were updated
// and marked, and that they can be cleared.
func standing(ctx context.Context, s *bolt.Store, kept []*secret.Record) error {
	if err := s.Ping(ctx); err != nil {
		return err
	}
	var rows []*secret.Record
	for i, want := range kept {
		r, err := s.Get(ctx, want.ID)
		if err != nil || !bytes.Equal(r.Sealed.Envelope, want.Sealed.Envelope) || r.Views != 0 && i < 64 {
			return fmt.Errorf("row %d of %d after the disk was full: %w", i, len(kept), err)
		}
		rows = append(rows, r)
	}
	marks, _, err := s.DueReminders(ctx, storetest.Start.Add(time.Hour), "")
	if err != nil || len(marks) != 64 {
		return fmt.Errorf("%d marks, want 64, %w", len(marks), err)
	}
	left, err := s.Clear(ctx, rows[:10])
	if err != nil || len(left) > 0 {
		return fmt.Errorf("clear on a full disk left %d: %w", len(left), err)
	}
	return s.Insert(ctx, storetest.Record(storetest.Start, 30_000)) // where those were
}
