package bolt_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// FuzzDamagedFile changes a byte of a store's file and cuts the file off. Open refuses it
// in words, or every later call returns: nothing may end the process.
func FuzzDamagedFile(f *testing.F) {
	path := filepath.Join(f.TempDir(), "store.db")
	ids, used := manyRows(f, path)
	intact, err := os.ReadFile(path)
	must(f, err)
	intact = intact[:used]
	size, page := uint32(len(intact)), uint32(os.Getpagesize()) // #nosec G115 -- small
	for at := uint32(0); at < size; at += page {
		n := at / page
		f.Add(uint32(0), byte(0), at+n%2*page/3)          // torn, between two pages or within one
		for offset := n % 29; offset < 80; offset += 29 { // the page's header, or its first elements
			f.Add(at+offset, byte(1<<(offset%8)), size)
		}
	}
	f.Fuzz(func(t *testing.T, offset uint32, flip byte, length uint32) {
		data := bytes.Clone(intact)
		data[offset%size] ^= flip
		data = data[:min(length, size)]
		path := newPath(t)
		must(t, os.WriteFile(path, data, 0o600))
		s, err := bolt.Open(path, 0, owned.Private)
		if err != nil {
			if !errors.Is(err, bolt.ErrDamaged) && !errors.Is(err, store.ErrNewer) || strings.Contains(err.Error(), "runtime") || strings.Contains(err.Error(), "assertion") {
				t.Errorf("byte %d by %x, %d bytes: %v", offset%size, flip, len(data), err)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
				t.Errorf("byte %d by %x, %d bytes: the file was changed (%v)", offset%size, flip, len(data), err)
			}
			return
		}
		useAll(t.Context(), s, ids)
		_ = s.Close() // may fail, as the others
	})
}

// manyRows makes a store in which each kind of page occurs, and returns the IDs of its rows
// and its size.
func manyRows(t testing.TB, path string) (ids []header.ID, size int64) {
	t.Helper()
	s := openStore(t, path, 0)
	var rows []*secret.Record
	for i := range 40 {
		r := storetest.Record(storetest.Start, 50*i)
		must(t, errors.Join(s.Insert(t.Context(), r), s.AddReminder(t.Context(), r.ID, storetest.Start)))
		ids, rows = append(ids, r.ID), append(rows, r)
	}
	for _, r := range rows[:8] {
		r, err := s.Peek(t.Context(), r.ID)
		must(t, err)
		if left, err := s.Clear(t.Context(), []*secret.Record{r}); err != nil || len(left) > 0 {
			t.Fatal(left, err)
		}
	}
	size = s.Size()
	must(t, s.Close())
	return ids, size
}

// useAll calls everything that reads or writes rows. Any call may fail.
func useAll(ctx context.Context, s *bolt.Store, ids []header.ID) {
	var rows []*secret.Record
	for i, id := range ids {
		if r, err := s.Get(ctx, id); err == nil && i%3 == 0 {
			rows = append(rows, r)
		}
	}
	_, _ = s.Clear(ctx, rows)
	rows, _, _ = s.Expired(ctx, 0, ^header.Slot(0), false, "")
	_, _ = s.Delete(ctx, rows)
	reminders, _, _ := s.DueReminders(ctx, storetest.Start.Add(time.Hour), "")
	_ = s.RemoveReminders(ctx, reminders)
	_, _ = s.ActiveHolds(ctx, header.ID{})
	_, _ = s.PastHolds(ctx, &hold.Target{}, storetest.Start)
	_ = s.Insert(ctx, storetest.Record(storetest.Start, 5000))
	_ = s.Scrub(ctx)
	_ = s.Ping(ctx)
}
