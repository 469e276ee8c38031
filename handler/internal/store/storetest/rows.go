package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func wholeRow(t *testing.T, s Store) {
	ctx := t.Context()
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 921_600 + 28} {
		r := Record(Start, size)
		r.Views = 7
		for i := range 100 {
			r.Leases = append(r.Leases, secret.Lease{Key: secret.Hash{byte(i)}, Taken: Start, End: Start.Add(time.Minute), Acked: Start.Add(time.Second)})
			r.Tries = append(r.Tries, [8]byte{byte(i)})
			r.Log = append(r.Log, secret.Entry{Event: "unlocked", At: Start})
		}
		r.Frozen, r.Reason, r.Unlock, r.Unlocks = Start, secret.FreezeAddresses, secret.Hash{1}, 3
		must(t, s.Insert(ctx, r))
		got, err := s.Get(ctx, r.ID)
		must(t, err)
		small, err := s.Peek(ctx, r.ID)
		must(t, err)
		if small.Sealed.Envelope != nil || small.Sealed.Wrapped != nil || small.Version == "" || small.Version != got.Version {
			t.Errorf("%d bytes: peek returned an envelope of %d bytes and version %q, get %q", size, len(small.Sealed.Envelope), small.Version, got.Version)
		}
		if !bytes.Equal(got.Sealed.Envelope, r.Sealed.Envelope) || !bytes.Equal(got.Sealed.Wrapped, r.Sealed.Wrapped) {
			t.Errorf("%d bytes: got another envelope of %d bytes", size, len(got.Sealed.Envelope))
		}
		for _, r := range []*secret.Record{r, got, small} {
			r.Version, r.Sealed.Wrapped, r.Sealed.Envelope = "", nil, nil
		}
		if want := fmt.Sprintf("%+v", r); fmt.Sprintf("%+v", got) != want || fmt.Sprintf("%+v", small) != want {
			t.Errorf("got  %+v\npeek %+v\nwant %s", got, small, want)
		}
	}
	if _, err := s.Get(ctx, header.ID{9}); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("get of a missing row: %v", err)
	}
	if _, err := s.Peek(ctx, header.ID{9}); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("peek of a missing row: %v", err)
	}
}

// insert inserts a new row and returns it, and what the store has of it without its envelope.
func insert(t *testing.T, s Store, size int) (r, peeked *secret.Record) {
	r = Record(Start, size)
	must(t, s.Insert(t.Context(), r))
	peeked, err := s.Peek(t.Context(), r.ID)
	must(t, err)
	return r, peeked
}

func insertedOnce(t *testing.T, s Store) {
	r, _ := insert(t, s, 10)
	if err := s.Insert(t.Context(), r); !errors.Is(err, secret.ErrExists) {
		t.Errorf("insert again: %v", err)
	}
}

func currentVersion(t *testing.T, s Store) {
	ctx := t.Context()
	r, first := insert(t, s, 10)
	first.Views = 5
	must(t, s.Update(ctx, first))
	if err := s.Update(ctx, first); !errors.Is(err, secret.ErrStale) {
		t.Errorf("update of an old version: %v", err)
	}
	got, err := s.Get(ctx, r.ID)
	must(t, err)
	if got.Views != 5 || !bytes.Equal(got.Sealed.Envelope, r.Sealed.Envelope) {
		t.Errorf("after the update of a row without its envelope: %d views, %d bytes", got.Views, len(got.Sealed.Envelope))
	}
	first.ID[19]++
	if err := s.Update(ctx, first); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("update of a missing row: %v", err)
	}
}

func clearedRow(t *testing.T, s Store) {
	ctx := t.Context()
	r, peeked := insert(t, s, 100_000)
	peeked.Cleared = true
	must(t, s.Update(ctx, peeked))
	got, err := s.Get(ctx, r.ID)
	must(t, err)
	if !got.Cleared || len(got.Sealed.Envelope) > 0 || len(got.Sealed.Wrapped) > 0 || got.Digest != r.Digest {
		t.Errorf("cleared row: %+v", got)
	}
}

// freshVersions inserts a row again after its deletion: an update of the old row
// must not change the new one.
func freshVersions(t *testing.T, s Store) {
	ctx := t.Context()
	r, old := insert(t, s, 10)
	left, err := s.Delete(ctx, []*secret.Record{old})
	must(t, err)
	if len(left) > 0 {
		t.Fatal("the row was left")
	}
	must(t, s.Insert(ctx, r))
	if err := s.Update(ctx, old); !errors.Is(err, secret.ErrStale) {
		t.Errorf("update of the deleted row: %v", err)
	}
	old.Version = ""
	if err := s.Update(ctx, old); !errors.Is(err, secret.ErrStale) {
		t.Errorf("update without a version: %v", err)
	}
	if left, err := s.Clear(ctx, []*secret.Record{old}); err == nil && len(left) == 0 {
		t.Error("clear without a version")
	}
}

func oneWriter(t *testing.T, s Store) {
	ctx := t.Context()
	for _, writers := range []int{2, 8, 64} {
		_, got := insert(t, s, 10)
		results := make(chan error, writers)
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				mine := *got
				mine.Leases = []secret.Lease{{Key: secret.Hash{byte(i)}, Taken: Start, End: Start}} // #nosec G115 -- below 64
				results <- s.Update(ctx, &mine)
			})
		}
		group.Wait()
		close(results)
		won := 0
		for err := range results {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, secret.ErrStale):
				t.Errorf("update: %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d writers won", won, writers)
		}
	}
}
