package bolt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

func TestBolt(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Store { return openStore(t, newPath(t), 0) })
}

func TestBoltRaces(t *testing.T) {
	storetest.Race(t, storetest.Rounds(300, 10_000), []storetest.Store{openStore(t, newPath(t), 0)}, 16)
}

func TestBoltHoldRaces(t *testing.T) {
	storetest.RaceHolds(t, 1000, []storetest.Store{openStore(t, newPath(t), 0)}, 4)
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "store.db") }

func openStore(t testing.TB, path string, limit int64) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path, limit, owned.Private)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestForeignFilesAreLeftUntouched opens files that are not an intact store of this version.
func TestForeignFilesAreLeftUntouched(t *testing.T) {
	intact := newPath(t)
	s := openStore(t, intact, 0)
	for range 50 {
		must(t, s.Insert(t.Context(), storetest.Record(storetest.Start, 10_000)))
	}
	if _, err := bolt.Open(intact, 0, owned.Private); !errors.Is(err, bolt.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	size := s.Size()
	must(t, s.Close())
	data, err := os.ReadFile(intact)
	must(t, err)
	page := os.Getpagesize()
	holed := bytes.Clone(data)
	clear(holed[2*page : len(holed)-page])

	for _, test := range []struct {
		name    string
		content []byte
		want    error
	}{
		{"empty", nil, bolt.ErrDamaged},
		{"text", []byte(strings.Repeat("no database\n", 2000)), bolt.ErrDamaged},
		{"zeros", make([]byte, 32<<10), bolt.ErrDamaged},
		{"torn in half", data[:size/2], bolt.ErrDamaged},
		{"torn early", data[:5000], bolt.ErrDamaged},
		{"torn to one byte", data[:1], bolt.ErrDamaged},
		{"with a hole", holed, bolt.ErrDamaged},
		{"of another program", foreign(t, map[string]string{}), bolt.ErrDamaged},
		{"of a newer version", foreign(t, map[string]string{"schema": fmt.Sprint(store.Schema + 1)}), store.ErrNewer},
	} {
		path := newPath(t)
		must(t, os.WriteFile(path, test.content, 0o600))
		if _, err := bolt.Open(path, 0, owned.Private); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, test.content) {
			t.Errorf("%s: the file was changed (%v)", test.name, err)
		}
	}
}

// foreign returns a bbolt file with these values in its bucket meta.
func foreign(t *testing.T, meta map[string]string) []byte {
	t.Helper()
	path := newPath(t)
	db, err := bbolt.Open(path, 0o600, nil)
	must(t, err)
	must(t, db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("meta"))
		for key, value := range meta {
			err = errors.Join(err, b.Put([]byte(key), []byte(value)))
		}
		return err
	}))
	must(t, db.Close())
	data, err := os.ReadFile(path)
	must(t, err)
	return data
}

// TestCloseReturnsEveryWrite closes the store under load: each write is either kept
// or refused, and none hangs.
func TestCloseReturnsEveryWrite(t *testing.T) {
	path := newPath(t)
	s := openStore(t, path, 0)
	var mu sync.Mutex
	var kept []header.ID
	var group sync.WaitGroup
	begun := make(chan struct{}, 32)
	for range 32 {
		group.Go(func() {
			for n := 0; ; n++ {
				r := storetest.Record(storetest.Start, 100)
				if err := errors.Join(s.AddReminder(t.Context(), r.ID, storetest.Start), s.Insert(t.Context(), r)); err != nil {
					if !errors.Is(err, os.ErrClosed) {
						t.Errorf("insert: %v", err)
					}
					return
				}
				mu.Lock()
				kept = append(kept, r.ID)
				mu.Unlock()
				if n == 0 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range 32 {
		<-begun
	}
	must(t, s.Close())
	group.Wait()
	must(t, s.Close())
	if _, err := s.Get(t.Context(), kept[0]); err == nil {
		t.Error("no error from a closed store")
	}
	s = openStore(t, path, 0)
	for _, id := range kept {
		if _, err := s.Get(t.Context(), id); err != nil {
			t.Fatalf("a confirmed write is gone: %v", err)
		}
	}
	t.Logf("%d writes before closing", len(kept))
}

// TestConfirmedWritesSurviveAKill kills a process that is writing.
func TestConfirmedWritesSurviveAKill(t *testing.T) {
	for range storetest.Rounds(3, 50) {
		path := newPath(t)
		h := startHelper(t, "write", path)
		var ids []header.ID
		for range 200 {
			id, err := header.ParseID(h.line(t))
			must(t, err)
			ids = append(ids, id)
		}
		must(t, h.Process.Kill())
		_ = h.Wait() // it was killed
		s := openStore(t, path, 0)
		for _, id := range ids {
			r, err := s.Get(t.Context(), id)
			if err != nil || r.Views != 0 {
				t.Fatalf("a confirmed write is gone: %v", err)
			}
		}
		reminders, _, err := s.DueReminders(t.Context(), storetest.Start.AddDate(1, 0, 0), "")
		if err != nil || len(reminders) < len(ids) {
			t.Fatalf("%d reminders of %d rows that were updated after them, %v", len(reminders), len(ids), err)
		}
		must(t, s.Close())
		checkFile(t, path)
	}
}

// TestKilledCreationLeavesNoTornStore kills a process that makes one new store after the
// other: where there is a file, it is a store.
func TestKilledCreationLeavesNoTornStore(t *testing.T) {
	for range storetest.Rounds(5, 100) {
		dir := t.TempDir()
		h := startHelper(t, "create", dir)
		for range 1 + rand.IntN(20) {
			h.line(t)
		}
		must(t, h.Process.Kill())
		_ = h.Wait() // it was killed
		for n := 0; ; n++ {
			path := filepath.Join(dir, strconv.Itoa(n), "store.db")
			if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, os.ErrNotExist) {
				break
			}
			_, before := os.Stat(path)
			s, err := bolt.Open(path, 0, owned.Private)
			if err != nil {
				t.Fatalf("store %d (%v before): %v", n, before, err)
			}
			must(t, s.Close())
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
				t.Errorf("store %d: %v are left, %v", n, left, err)
			}
		}
	}
}

// createUntilKilled makes stores in numbered directories, and prints a line for each.
func createUntilKilled(out io.Writer, args []string) error {
	for n := 0; ; n++ {
		dir := filepath.Join(args[0], strconv.Itoa(n))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		s, err := bolt.Open(filepath.Join(dir, "store.db"), 0, owned.Private)
		if err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(out, n)
	}
}

// writeUntilKilled prints the ID of each row after its insert, its reminder and its update.
func writeUntilKilled(out io.Writer, args []string) error {
	s, err := bolt.Open(args[0], 0, owned.Private)
	if err != nil {
		return err
	}
	ctx := context.Background()
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for {
				r := storetest.Record(storetest.Start, 2000)
				r, err := takenRow(ctx, s, r)
				if err != nil {
					return
				}
				mu.Lock()
				_, _ = fmt.Fprintln(out, r.ID)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return nil
}

// takenRow inserts a row, adds its reminder, and takes its view.
func takenRow(ctx context.Context, s *bolt.Store, r *secret.Record) (*secret.Record, error) {
	if err := s.Insert(ctx, r); err != nil {
		return nil, err
	}
	r, err := s.Peek(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	r.Views = 0
	return r, errors.Join(s.AddReminder(ctx, r.ID, storetest.Start), s.Update(ctx, r))
}

// checkFile checks every page of a file with bbolt.
func checkFile(t *testing.T, path string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.View(func(tx *bbolt.Tx) error {
		var all error
		for err := range tx.Check() {
			all = errors.Join(all, err)
		}
		return all
	}))
}
