package bolt

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// BenchmarkScale measures the medians of a create and of a read, by one caller, in
// a store of 10,000 rows and in one of 1,000,000, and their ratio.
func BenchmarkScale(b *testing.B) {
	for range b.N {
		var create, read [2]time.Duration
		for i, rows := range []int{10_000, 1_000_000} {
			e := open(b, filepath.Join(b.TempDir(), "store.db"))
			fillFast(b, e, rows)
			create[i], read[i] = medians(b, storetest.Service(e, time.Now))
			b.Logf("%d rows, file of %d MiB, %d of them free: create %v, read %v", rows, e.Size()>>20, e.free()>>20, create[i], read[i])
			if err := e.Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(create[1])/float64(create[0]), "create-ratio")
		b.ReportMetric(float64(read[1])/float64(read[0]), "read-ratio")
	}
}

// fillFast inserts rows that expire within 30 days, in large transactions and in
// order of expiry: out of order each transaction would rewrite the whole file and
// leave as many free pages, whose list bbolt writes with every commit.
func fillFast(b *testing.B, e *Store, rows int) {
	const batch = 20_000
	for n := 0; n < rows; n += batch {
		err := e.write(context.Background(), 0, func(tx *bbolt.Tx) error {
			for i := range min(batch, rows-n) {
				r := storetest.Record(time.Now().Add(time.Duration((n+i)*4320/rows)*header.SlotTime), 1024)
				data, err := store.EncodeRow(r)
				if err != nil {
					return err
				}
				if err := insert(tx, r.ID, data, joinSealed(&r.Sealed)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func medians(b *testing.B, service *secret.Service) (create, read time.Duration) {
	var creates, reads []time.Duration
	for i := range 1000 {
		link := storetest.NewLink(time.Now().Add(time.Duration(1+i%700)*time.Hour), 1, make([]byte, 1024))
		begin := time.Now()
		if _, err := service.Create(b.Context(), link.Draft); err != nil {
			b.Fatal(err)
		}
		created := time.Now()
		if _, err := service.Read(b.Context(), link.ID, link.Proofs, fmt.Append(nil, i), storetest.Admitted{}); err != nil {
			b.Fatal(err)
		}
		creates, reads = append(creates, created.Sub(begin)), append(reads, time.Since(created))
	}
	slices.Sort(creates)
	slices.Sort(reads)
	return creates[len(creates)/2], reads[len(reads)/2]
}
