package store_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// TestPurgeAsksForLittle purges expired rows among as many living ones, and
// counts the requests: 1/50 of one for each row, and no living row named in any.
func TestPurgeAsksForLittle(t *testing.T) {
	const rows = 2000
	requests, living := countedPurge(t, rows, nil)
	t.Logf("%d rows: %d requests", rows, requests)
	if requests > rows/50 {
		t.Errorf("%d requests for %d rows", requests, rows)
	}
	if living > 0 {
		t.Errorf("living rows were answered to %d requests", living)
	}
}

// BenchmarkPurge purges 20,000 expired rows among as many living ones, and
// compares with deleting them one by one, measured on fewer.
func BenchmarkPurge(b *testing.B) {
	const rows = 20_000
	for range b.N {
		var took time.Duration
		requests, _ := countedPurge(b, rows, &took)
		one := oneByOne(b, 1000)
		b.ReportMetric(float64(rows)/float64(requests), "rows/request")
		b.ReportMetric(took.Seconds(), "s/purge")
		b.ReportMetric(float64(one*rows)/float64(took), "times-faster")
	}
}

// countedPurge returns how many requests a purge of so many rows takes, and how many of the answers held a living row.
func countedPurge(t testing.TB, rows int, took *time.Duration) (requests, living int64) {
	var counted, seen atomic.Int64
	var on atomic.Bool
	alive := storetest.Start.Add(100 * time.Hour)
	mark := storetest.Record(alive, 0).ID.String()[:6] // the slot's characters
	s := newTable(t, transport(func(req *http.Request) (*http.Response, error) {
		res, err := direct.Do(req)
		if on.Load() && err == nil {
			counted.Add(1)
			if body := peekBody(res); strings.Contains(body, `"RowKey":"`+mark) {
				seen.Add(1)
			}
		}
		return res, err
	}))
	insertBatches(t, rows, storetest.Start)
	insertBatches(t, rows, alive)
	clock := &storetest.Clock{}
	clock.Set(storetest.Start.Add(time.Hour))
	service := storetest.Service(s, clock.Now)
	on.Store(true)
	begin := time.Now()
	sum, err := service.Purge(t.Context())
	must(t, err)
	if took != nil {
		*took = time.Since(begin)
	}
	on.Store(false)
	if sum.Cleared != rows || sum.Left > 0 || sum.Behind > 0 {
		t.Fatalf("purged %+v", sum)
	}
	return counted.Load(), seen.Load()
}

// insertBatches inserts rows that expire at the time, of four shards, by transactions.
func insertBatches(t testing.TB, rows int, expires time.Time) {
	service, _, err := store.Connect(storetest.Azurite(t), nil, nil)
	must(t, err)
	client := service.NewClient("secrets")
	var group sync.WaitGroup
	for shard := range byte(4) {
		group.Go(func() {
			for n := 0; n < rows/4; n += 100 {
				var actions []aztables.TransactionAction
				for range min(100, rows/4-n) {
					r := storetest.Record(expires, 1024)
					r.ID[4] = shard<<4 | r.ID[4]&15
					data, err := store.EncodeEntity(r, true)
					must(t, err)
					actions = append(actions, aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: data})
				}
				if _, err := client.SubmitTransaction(t.Context(), actions, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// oneByOne returns how long a row takes that is cleared by a call of its own.
func oneByOne(b *testing.B, rows int) time.Duration {
	insertBatches(b, rows, storetest.Start.Add(time.Hour))
	s := openTable(b, nil)
	slot := secret.SlotOf(storetest.Start.Add(time.Hour))
	list, _, err := s.Expired(context.Background(), slot, slot+1, true, "")
	must(b, err)
	begin := time.Now()
	for _, r := range list {
		r.Cleared = true
		must(b, s.Update(b.Context(), r))
	}
	return time.Since(begin) / time.Duration(len(list))
}
