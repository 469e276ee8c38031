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

	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	e, err := Open(path, 0, owned.Private)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// TestReadersWaitForTheFsync stops a transaction between its last write and its
// fsync, which then fails: a reader that has seen it must not return its data.
func TestReadersWaitForTheFsync(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "store.db"))
	r := storetest.Record(storetest.Start, 100)
	if err := e.Insert(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	e.current.Store(&ended)
	e.durable.Add(-1)
	read := make(chan error, 1)
	before := e.db.Stats().TxN
	go func() { _, err := e.Get(t.Context(), r.ID); read <- err }()
	for stats := e.db.Stats(); stats.TxN == before || stats.OpenTxN > 0; stats = e.db.Stats() {
		runtime.Gosched()
	}
	for range 10_000 { // enough for a reader that does not wait
		runtime.Gosched()
	}
	e.broken.Store(true)
	close(ended)
	if err := <-read; !errors.Is(err, ErrBroken) {
		t.Errorf("the reader returned: %v", err)
	}
}

// TestFailedDiskBreaksTheStore makes a write fail for another reason than space:
// every later call must fail, and confirmed rows must be there when the file is
// opened again.
func TestFailedDiskBreaksTheStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	e := open(t, path)
	kept := storetest.Record(storetest.Start, 100)
	if err := e.Insert(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	breakFile(t, path)
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
	_ = e.Close() // its files are replaced
	if _, err := open(t, path).Get(t.Context(), kept.ID); err != nil {
		t.Errorf("after opening again: %v", err)
	}
}

// breakFile replaces each descriptor of path by one of a file that cannot be written.
func breakFile(t *testing.T, path string) {
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

// TestPendingReminderIsCommittedWithTheNextWrite makes the transaction of a
// reminder fail: the next write must not become durable without it.
func TestPendingReminderIsCommittedWithTheNextWrite(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "store.db"))
	id := storetest.Record(storetest.Start, 0).ID
	reminder := &write{do: func(tx *bbolt.Tx) error { return putReminder(tx, id, storetest.Start) }}
	bad := &write{do: func(*bbolt.Tx) error { return errors.New("always fails") }, done: make(chan error, 1)}
	good := &write{do: func(*bbolt.Tx) error { return nil }, done: make(chan error, 1)}
	pending := e.commitGroup(nil, []*write{reminder, bad})
	if err := <-bad.done; err == nil || len(pending) != 1 || !e.failing.Load() {
		t.Fatalf("%d reminders pending after %v", len(pending), err)
	}
	if due, _, _ := e.DueReminders(context.Background(), storetest.Start.AddDate(1, 0, 0), ""); len(due) != 0 {
		t.Fatal("the reminder was written by a transaction that failed")
	}
	if pending = e.commitGroup(pending, []*write{good}); len(pending) != 0 || <-good.done != nil || e.failing.Load() {
		t.Fatalf("%d reminders pending after a write", len(pending))
	}
	due, _, err := e.DueReminders(context.Background(), storetest.Start.AddDate(1, 0, 0), "")
	if err != nil || len(due) != 1 || due[0].ID != id {
		t.Errorf("reminders %v, %v", due, err)
	}
}
