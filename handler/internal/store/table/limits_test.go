package table

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// unsent is a transport that must not be used.
type unsent struct{ t *testing.T }

func (u unsent) Do(req *http.Request) (*http.Response, error) {
	u.t.Errorf("sent: %s %s", req.Method, req.URL.Path)
	return nil, errors.New("not sent")
}

// TestLimitsAreCheckedBeforeTheRequest exceeds each of Azure's limits.
func TestLimitsAreCheckedBeforeTheRequest(t *testing.T) {
	service, _, err := connect("http://127.0.0.1:1", nil, unsent{t})
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{secrets: service.NewClient("secrets"), holds: service.NewClient("holds"), work: service.NewClient("work")}
	ctx := context.Background()
	sized := func(wrapped, envelope int) *secret.Record {
		return &secret.Record{Version: "v", Sealed: secret.Sealed{Wrapped: make([]byte, wrapped), Envelope: make([]byte, envelope)}}
	}
	long := sized(0, 0)
	for range 2000 {
		long.Log = append(long.Log, secret.Entry{Event: "unlocked", At: time.Unix(1, 0)})
	}
	for name, err := range map[string]error{
		"an entity beyond 1 MiB":          s.Insert(ctx, sized(256, 1<<20)),
		"one with no room for its row":    s.Insert(ctx, sized(256, 1<<20-rowReserve)),
		"a binary beyond 64 KiB":          s.Insert(ctx, sized(64<<10+1, 10)),
		"a string beyond 64 KiB":          s.Update(ctx, long),
		"a string of wide characters":     s.InsertHold(ctx, "past", hold.Hold{ID: "h", Reason: strings.Repeat("é", 33<<10)}),
		"a key with an upper-case letter": s.InsertHold(ctx, "past", hold.Hold{ID: "H"}),
		"a key with a quote":              s.DropHold(ctx, "past", "a'b"),
		"a key with a slash":              s.SetWatermark(ctx, "a/b", 1),
		"an empty key":                    s.SetWatermark(ctx, "", 1),
		"a long key":                      s.SetWatermark(ctx, strings.Repeat("a", 513), 1),
	} {
		if !errors.Is(err, ErrLimit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLargestSecretFits encodes the largest row that the default policy allows, with all leases, tries and log entries.
func TestLargestSecretFits(t *testing.T) {
	at := time.Date(2100, 12, 31, 23, 59, 59, 999e6, time.UTC)
	r := &secret.Record{Created: at, Expires: at, Views: 100, Frozen: at, Reason: secret.FreezePassphrase, Revoked: at, Unlock: secret.Hash{1}, Unlocks: secret.MaxUnlocks}
	r.Sealed = secret.Sealed{Key: secret.KeyRef{Algorithm: "RSA-OAEP-256", Name: "kek-2100w52", Version: strings.Repeat("a", 32)}, Wrapped: make([]byte, 512), Envelope: make([]byte, 921_600+28), Size: 921_600 + 28}
	for range 100 {
		r.Leases = append(r.Leases, secret.Lease{Taken: at, End: at, Acked: at})
		r.Tries = append(r.Tries, [8]byte{})
		r.Log = append(r.Log, secret.Entry{Event: "unlocked", At: at})
	}
	small, err := store.EncodeRow(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("row: %d bytes in UTF-16", utf16Size(string(small)))
	if utf16Size(string(small)) > rowReserve {
		t.Error("more than rowReserve")
	}
	if _, err := encodeSecret(r, true); err != nil {
		t.Error(err)
	}
}

// TestTransactionsKeepToTheLimits splits operations into transactions and checks each.
func TestTransactionsKeepToTheLimits(t *testing.T) {
	var all []operation
	add := func(n, size int, partition string) {
		for range n {
			all = append(all, operation{partition: partition, action: aztables.TransactionAction{Entity: make([]byte, size)}})
		}
	}
	add(250, 100, "a")
	add(1, 100, "b")
	add(99, 100, "c")
	add(100, 60<<10, "d")
	add(2, 5<<20, "e") // impossible, but must not hang
	var parts []int
	for rest := all; len(rest) > 0; {
		n := fits(rest)
		size := 0
		for _, o := range rest[:n] {
			size += len(o.action.Entity)
			if o.partition != rest[0].partition {
				t.Fatal("two partitions in one transaction")
			}
		}
		if n < 1 || n > 100 || n > 1 && size > 4<<20 {
			t.Fatalf("%d operations of %d bytes", n, size)
		}
		parts = append(parts, n)
		rest = rest[n:]
	}
	want, _ := json.Marshal([]int{100, 100, 50, 1, 99, 67, 33, 1, 1})
	if got, _ := json.Marshal(parts); string(got) != string(want) {
		t.Errorf("parts %s, want %s", got, want)
	}
}
