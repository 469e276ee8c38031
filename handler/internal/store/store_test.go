package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

func TestTable(t *testing.T) {
	url := storetest.Azurite(t)
	storetest.Run(t, func(t testing.TB) storetest.Store { return openTable(t, url) })
}

func openTable(t testing.TB, url string) *store.Table {
	t.Helper()
	s, err := store.OpenTable(t.Context(), url, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEmbedded(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Store { return openEmbedded(t, filepath.Join(t.TempDir(), "store.db"), 0) })
}

func openEmbedded(t testing.TB, path string, limit int64) *store.Embedded {
	t.Helper()
	s, err := store.OpenEmbedded(path, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestScrubLeavesNothingOfWhatWasDeleted searches the file for what was cleared and deleted.
func TestScrubLeavesNothingOfWhatWasDeleted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openEmbedded(t, path, 0)
	canary := bytes.Repeat([]byte("canary of the sealed envelope, "), 700)
	for i := range 20 {
		r := storetest.Record(storetest.Start, 0)
		r.Sealed.Envelope = canary
		if err := s.Insert(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		got, err := s.Peek(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		got.Cleared = i%2 == 0
		if err := s.Update(t.Context(), got); err != nil {
			t.Fatal(err)
		}
		if got, err = s.Peek(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			if left, err := s.Delete(t.Context(), []*secret.Record{got}); err != nil || len(left) > 0 {
				t.Fatal(left, err)
			}
		}
	}
	if !fileContains(t, path, canary[:31]) {
		t.Fatal("the search finds nothing even before scrubbing")
	}
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if fileContains(t, path, canary[:31]) {
		t.Error("deleted bytes stand in the file")
	}
	if err := s.Insert(t.Context(), storetest.Record(storetest.Start, 100_000)); err != nil {
		t.Errorf("insert after scrubbing: %v", err)
	}
}

func fileContains(t *testing.T, path string, what []byte) bool {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(data, what)
}

// TestForeignFilesAreRefusedUntouched opens what is not a sound store of this version.
func TestForeignFilesAreRefusedUntouched(t *testing.T) {
	sound := filepath.Join(t.TempDir(), "sound.db")
	s, err := store.OpenEmbedded(sound, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if err := s.Insert(t.Context(), storetest.Record(storetest.Start, 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.OpenEmbedded(sound, 0); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second process got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}

	for name, content := range map[string][]byte{
		"text":         []byte(strings.Repeat("no database\n", 2000)),
		"zeros":        make([]byte, 32<<10),
		"torn in half": data[:len(data)/2],
		"torn early":   data[:5000],
	} {
		path := filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.OpenEmbedded(path, 0); !errors.Is(err, store.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, content) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
}

func TestInsertStopsAtTheLimit(t *testing.T) {
	s := openEmbedded(t, filepath.Join(t.TempDir(), "store.db"), 1<<20)
	var last *secret.Record
	for range 200 {
		r := storetest.Record(storetest.Start, 50_000)
		err := s.Insert(t.Context(), r)
		if errors.Is(err, secret.ErrFull) {
			if got, err := s.Get(t.Context(), last.ID); err != nil {
				t.Errorf("reads stop, too: %v", err)
			} else if err := s.Update(t.Context(), got); err != nil {
				t.Errorf("updates stop, too: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		last = r
	}
	t.Error("nothing stopped it")
}
