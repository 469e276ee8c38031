package storetest

import (
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Benchmark measures what a store does, each of them by many callers side by side.
func Benchmark(b *testing.B, s Store) {
	ctx := b.Context()
	rows := make([]*secret.Record, 1000)
	for i := range rows {
		rows[i] = Record(time.Now().Add(time.Hour), 1024)
		must(b, s.Insert(ctx, rows[i]))
	}
	each := func(name string, do func(i int) error) {
		b.Run(name, func(b *testing.B) {
			b.SetParallelism(16)
			b.RunParallel(func(p *testing.PB) {
				for i := 0; p.Next(); i++ {
					if err := do(i); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
	each("insert", func(int) error { return s.Insert(ctx, Record(time.Now().Add(time.Hour), 1024)) })
	each("get", func(i int) error { _, err := s.Get(ctx, rows[i%len(rows)].ID); return err })
	each("peek", func(i int) error { _, err := s.Peek(ctx, rows[i%len(rows)].ID); return err })
	each("mark", func(i int) error { return s.AddReminder(ctx, rows[i%len(rows)].ID, time.Now()) })
	each("update", func(int) error {
		r := Record(time.Now().Add(time.Hour), 1024)
		if err := s.Insert(ctx, r); err != nil {
			return err
		}
		r, err := s.Peek(ctx, r.ID)
		if err != nil {
			return err
		}
		return s.Update(ctx, r)
	})
	b.Run("purge", func(b *testing.B) { purgeBench(b, s) })
}

// purgeBench purges what has expired, b.N rows.
func purgeBench(b *testing.B, s Store) {
	for range b.N {
		must(b, s.Insert(b.Context(), Record(Start, 1024)))
	}
	clock := &Clock{now: Start.Add(time.Hour)}
	service := Service(s, clock.Now)
	b.ResetTimer()
	sum, err := service.Purge(b.Context())
	must(b, err)
	b.ReportMetric(float64(sum.Cleared)/b.Elapsed().Seconds(), "rows/s")
}
