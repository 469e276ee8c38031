package table_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// TestPurgeNeedsFewRequests purges expired rows among as many living ones. It takes
// one request for 50 rows, and no response may contain a living row.
func TestPurgeNeedsFewRequests(t *testing.T) {
	const rows = 2000
	p := newPopulation(t, rows)
	p.purge(t, rows, 24*time.Hour)
	t.Logf("%d rows: %d requests", rows, p.requests.Load())
	if p.requests.Load() > rows/50 {
		t.Errorf("%d requests for %d rows", p.requests.Load(), rows)
	}
	if p.living.Load() > 0 {
		t.Errorf("%d responses contained living rows", p.living.Load())
	}
}

// BenchmarkPurge purges 20,000 expired rows among as many living ones, and
// compares that with deleting them one by one, measured on the first 500.
func BenchmarkPurge(b *testing.B) {
	const rows, single = 20_000, 500
	for range b.N {
		p := newPopulation(b, rows)
		list, _, err := p.store.Expired(b.Context(), 0, header.SlotOf(storetest.Start)+1, true, "")
		must(b, err)
		begin := time.Now()
		for _, r := range list[:single] {
			left, err := p.store.Delete(b.Context(), []*secret.Record{r})
			if err != nil || len(left) > 0 {
				b.Fatal(left, err)
			}
		}
		one := time.Since(begin) / single
		begin = time.Now()
		p.purge(b, rows-single, 0)
		each := time.Since(begin) / (rows - single)
		b.ReportMetric(float64(rows-single)/float64(p.requests.Load()), "rows/request")
		b.ReportMetric(float64(each.Microseconds()), "us/row")
		b.ReportMetric(float64(one)/float64(each), "times-faster")
	}
}

// population is a store with expired rows and as many living ones.
type population struct {
	store            *table.Store
	on               atomic.Bool  // count
	requests, living atomic.Int64 // requests, and responses with a living row
}

func newPopulation(t testing.TB, rows int) *population {
	p := &population{}
	alive := storetest.Start.Add(100 * time.Hour)
	prefix := `"RowKey":"` + storetest.Record(alive, 0).ID.String()[:6] // of its slot
	p.store = newTable(t, transport(func(req *http.Request) (*http.Response, error) {
		res, err := direct.Do(req)
		if err == nil && p.on.Load() {
			p.requests.Add(1)
			if strings.Contains(peekBody(res), prefix) {
				p.living.Add(1)
			}
		}
		return res, err
	}))
	insertBatches(t, rows, storetest.Start)
	insertBatches(t, rows, alive)
	return p
}

// purge purges, and checks that so many rows were cleared, or deleted when no receipts are kept.
func (p *population) purge(t testing.TB, rows int, retention time.Duration) {
	clock := &testkit.Clock{}
	clock.Set(storetest.Start.Add(time.Hour))
	p.on.Store(true)
	defer p.on.Store(false)
	deps := storetest.Deps(p.store, clock.Now)
	deps.Policy.ReceiptRetention = retention
	sum, err := secret.New(deps).Purge(t.Context())
	must(t, err)
	if sum.Cleared+sum.Deleted != rows || sum.Left > 0 || sum.Behind > 0 {
		t.Fatalf("purged %+v", sum)
	}
}

// insertBatches inserts rows that expire at that time or somewhat earlier, in
// transactions: 200 in each of 10 partitions of a slot.
func insertBatches(t testing.TB, rows int, expires time.Time) {
	service, _, err := table.Connect(storetest.Azurite(t), nil, nil)
	must(t, err)
	client := service.NewClient("secrets")
	for n := 0; n < rows; n += 100 {
		at := expires.Add(-time.Duration(n/2000) * header.SlotTime)
		var actions []aztables.TransactionAction
		for range min(100, rows-n) {
			r := storetest.Record(at, 1024)
			r.ID[4] = byte(n/200%10)<<4 | r.ID[4]&15
			data, err := table.EncodeSecret(r, true)
			must(t, err)
			actions = append(actions, aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: data})
		}
		_, err := client.SubmitTransaction(table.WithLargeTimeout(t.Context()), actions, nil)
		must(t, err)
	}
}
