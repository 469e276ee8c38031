package bolt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// TestBackupContainsNothingDeleted backs a store up without scrubbing it first.
func TestBackupContainsNothingDeleted(t *testing.T) {
	ctx, path := t.Context(), newPath(t)
	s := openStore(t, path, 0)
	var deleted []*secret.Record
	for i := range 40 {
		r := storetest.Record(storetest.Start, 0)
		r.Sealed.Envelope = bytes.Repeat(fmt.Appendf(nil, "canary %d;", i%2), 1000*(1+i/4))
		must(t, s.Insert(ctx, r))
		if i%2 == 1 {
			r, err := s.Peek(ctx, r.ID)
			must(t, err)
			deleted = append(deleted, r)
		}
	}
	left, err := s.Clear(ctx, deleted[:10])
	if err != nil || len(left) > 0 {
		t.Fatal(left, err)
	}
	if left, err = s.Delete(ctx, deleted[10:]); err != nil || len(left) > 0 {
		t.Fatal(left, err)
	}
	checkBackup(t, copyOf(t, s.Backup), path, deleted)
	must(t, s.Close())
	checkBackup(t, copyOf(t, func(ctx context.Context, write func(bolt.Copy) error) error {
		return bolt.Backup(ctx, path, write)
	}), path, deleted)
}

// copyOf returns the path of a copy that a backup wrote.
func copyOf(t *testing.T, backup func(context.Context, func(bolt.Copy) error) error) string {
	t.Helper()
	path := newPath(t)
	must(t, backup(t.Context(), func(c bolt.Copy) error {
		var b bytes.Buffer
		if err := c.WriteTo(&b); err != nil || int64(b.Len()) != c.Size {
			t.Errorf("%d bytes were written, %d announced, %v", b.Len(), c.Size, err)
		}
		return os.WriteFile(path, b.Bytes(), 0o600)
	}))
	return path
}

// checkBackup checks that the copy is a store, and that only the original contains
// what was deleted.
func checkBackup(t *testing.T, path, original string, deleted []*secret.Record) {
	t.Helper()
	if !contains(t, original, "canary 1;canary 1;") {
		t.Error("deleted bytes were gone before the backup")
	}
	if contains(t, path, "canary 1") || !contains(t, path, "canary 0;canary 0;") {
		t.Error("the copy contains deleted bytes, or not what is kept")
	}
	for _, r := range deleted[10:] {
		if contains(t, path, string(r.ID[:])) {
			t.Error("the copy contains the ID of a deleted row")
		}
	}
	if n := countRows(t, path); n != 30 {
		t.Errorf("the copy has %d rows", n)
	}
	checkFile(t, path)
	must(t, openStore(t, path, 0).Close())
}

func countRows(t *testing.T, path string) (n int) {
	t.Helper()
	file, err := os.Open(path)
	must(t, err)
	defer func() { must(t, file.Close()) }()
	info, err := file.Stat()
	must(t, err)
	_, err = bolt.Rows(file, info.Size(), func(*secret.Record) error { n++; return nil })
	must(t, err)
	return n
}

// TestBackupUnderLoad backs up a store that is written meanwhile. Writers and readers
// go on while the copy waits, the copy is that of one moment, and the store does not
// grow beyond its slack.
func TestBackupUnderLoad(t *testing.T) {
	const limit = 4 << 20
	s := openStore(t, newPath(t), limit)
	var before []header.ID
	for range 20 {
		r := storetest.Record(storetest.Start, 20_000)
		must(t, s.Insert(t.Context(), r))
		before = append(before, r.ID)
	}
	waits, goOn := make(chan struct{}), make(chan struct{})
	path := newPath(t)
	group, ctx := errgroup.WithContext(t.Context())
	group.Go(func() error {
		return s.Backup(ctx, func(c bolt.Copy) error {
			close(waits)
			<-goOn
			var b bytes.Buffer
			return errors.Join(c.WriteTo(&b), os.WriteFile(path, b.Bytes(), 0o600))
		})
	})
	select {
	case <-waits:
	case <-ctx.Done():
		t.Fatal(group.Wait())
	}
	refused := 0
	for range 300 { // 6 MB of secrets that live for a moment, which would fit many times
		r := storetest.Record(storetest.Start, 20_000)
		if err := s.Insert(t.Context(), r); errors.Is(err, secret.ErrFull) {
			refused++
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		r, err := s.Get(t.Context(), r.ID)
		must(t, err)
		if left, err := s.Delete(t.Context(), []*secret.Record{r}); err != nil || len(left) > 0 {
			t.Fatal(left, err)
		}
		must(t, s.Scrub(t.Context()))
	}
	if refused == 0 || s.Size() > limit+limit/4 {
		t.Errorf("%d inserts were refused, file of %d bytes", refused, s.Size())
	}
	close(goOn)
	must(t, group.Wait())
	if n := countRows(t, path); n != len(before) {
		t.Errorf("the copy has %d rows, want the %d of its beginning", n, len(before))
	}
	must(t, s.Insert(t.Context(), storetest.Record(storetest.Start, 20_000))) // in the space that was kept
	must(t, s.Insert(t.Context(), storetest.Record(storetest.Start, 20_000)))
	must(t, s.Scrub(t.Context()))
}

func TestBackupEndsWithItsContext(t *testing.T) {
	s := openStore(t, newPath(t), 0)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Backup(ctx, func(c bolt.Copy) error {
		cancel()
		return c.WriteTo(io.Discard)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the backup ended with %v", err)
	}
	if err := bolt.Backup(t.Context(), newPath(t), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("backup of no store: %v", err)
	}
}
