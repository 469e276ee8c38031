package bolt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	e, err := Open(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// TestReadersWaitForTheFsync holds a transaction between its last write and its
// fsync, which then fails: a reader that has seen it must not tell.
func TestReadersWaitForTheFsync(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "store.db"))
	r := storetest.Record(storetest.Start, 100)
	if err := e.Insert(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	e.underway.Store(&ended)
	e.durable.Add(-1)
	told := make(chan error, 1)
	before := e.db.Stats().TxN
	go func() { _, err := e.Get(t.Context(), r.ID); told <- err }()
	for stats := e.db.Stats(); stats.TxN == before || stats.OpenTxN > 0; stats = e.db.Stats() {
		runtime.Gosched()
	}
	for range 10_000 { // one that does not wait is done by then
		runtime.Gosched()
	}
	e.broken.Store(true)
	close(ended)
	if err := <-told; !errors.Is(err, ErrBroken) {
		t.Errorf("the reader was told of it: %v", err)
	}
}

// TestFailedDiskEndsTheStore lets writes fail for another reason than space:
// nothing may be answered any more, and what was answered before is there when the file is opened again.
func TestFailedDiskEndsTheStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	e := open(t, path)
	kept := storetest.Record(storetest.Start, 100)
	if err := e.Insert(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	cutFile(t, path)
	if err := e.SetWatermark(t.Context(), "rows", 1); err == nil || errors.Is(err, secret.ErrFull) {
		t.Errorf("the failing write: %v", err)
	}
	for name, call := range map[string]func() error{
		"ping":   func() error { return e.Ping(t.Context()) },
		"get":    func() error { _, err := e.Get(t.Context(), kept.ID); return err },
		"update": func() error { return e.SetWatermark(t.Context(), "rows", 1) },
		"scrub":  func() error { return e.Scrub(t.Context()) },
	} {
		if err := call(); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_ = e.Close() // what it held is cut off
	if _, err := open(t, path).Get(t.Context(), kept.ID); err != nil {
		t.Errorf("after opening again: %v", err)
	}
}

// cutFile puts a file that cannot be written in the place of each descriptor of path.
func cutFile(t *testing.T, path string) {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = null.Close() }()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if target, _ := os.Readlink("/proc/self/fd/" + entry.Name()); err != nil || target != path {
			continue
		}
		if err := unix.Dup3(int(null.Fd()), fd, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOwedMarksGoWithTheNextWrite fails a mark's transaction: the write that
// follows must not become durable without it.
func TestOwedMarksGoWithTheNextWrite(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "store.db"))
	id := storetest.Record(storetest.Start, 0).ID
	mark := &write{do: func(tx *bbolt.Tx) error { return putMark(tx, id, storetest.Start) }}
	bad := &write{do: func(*bbolt.Tx) error { return errors.New("cannot be done") }, done: make(chan error, 1)}
	good := &write{do: func(*bbolt.Tx) error { return nil }, done: make(chan error, 1)}
	owed := e.settle(nil, []*write{mark, bad})
	if err := <-bad.done; err == nil || len(owed) != 1 || !e.failing.Load() {
		t.Fatalf("%d marks owed after %v", len(owed), err)
	}
	if due, _, _ := e.DueReminders(context.Background(), storetest.Start.AddDate(1, 0, 0), ""); len(due) != 0 {
		t.Fatal("the mark was written by a transaction that failed")
	}
	if owed = e.settle(owed, []*write{good}); len(owed) != 0 || <-good.done != nil || e.failing.Load() {
		t.Fatalf("%d marks owed after a write", len(owed))
	}
	due, _, err := e.DueReminders(context.Background(), storetest.Start.AddDate(1, 0, 0), "")
	if err != nil || len(due) != 1 || due[0].ID != id {
		t.Errorf("marks %v, %v", due, err)
	}
}
