package store_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// eachStore benchmarks both stores.
func eachStore(b *testing.B, benchmark func(b *testing.B, s storetest.Store)) {
	b.Run("bolt", func(b *testing.B) {
		s, err := bolt.Open(filepath.Join(b.TempDir(), "store.db"), 0, owned.Private)
		must(b, err)
		defer func() { must(b, s.Close()) }()
		benchmark(b, s)
	})
	b.Run("table", func(b *testing.B) {
		s, err := table.Open(b.Context(), storetest.Azurite(b), nil, nil)
		must(b, err)
		benchmark(b, s)
	})
}

// BenchmarkStore measures the calls of a store, each by many concurrent callers.
func BenchmarkStore(b *testing.B) { eachStore(b, benchmarkCalls) }

func benchmarkCalls(b *testing.B, s storetest.Store) {
	ctx := b.Context()
	rows := make([]*secret.Record, 1000)
	for i := range rows {
		rows[i] = storetest.Record(time.Now().Add(time.Hour), 1024)
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
	each("insert", func(int) error { return s.Insert(ctx, storetest.Record(time.Now().Add(time.Hour), 1024)) })
	each("get", func(i int) error { _, err := s.Get(ctx, rows[i%len(rows)].ID); return err })
	each("peek", func(i int) error { _, err := s.Peek(ctx, rows[i%len(rows)].ID); return err })
	each("reminder", func(i int) error { return s.AddReminder(ctx, rows[i%len(rows)].ID, time.Now()) })
	each("update", func(int) error {
		r := storetest.Record(time.Now().Add(time.Hour), 1024)
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

// purgeBench purges b.N expired rows.
func purgeBench(b *testing.B, s storetest.Store) {
	for range b.N {
		must(b, s.Insert(b.Context(), storetest.Record(storetest.Start, 1024)))
	}
	clock := &testkit.Clock{}
	clock.Set(storetest.Start.Add(time.Hour))
	service := storetest.Service(s, clock.Now)
	b.ResetTimer()
	sum, err := service.Purge(b.Context())
	must(b, err)
	b.ReportMetric(float64(sum.Cleared)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkHolds compares reads with 100 active holds that cover none of the
// secrets with reads without holds, in turns. It measures the processor's time,
// which other programs on the machine change little.
func BenchmarkHolds(b *testing.B) { eachStore(b, benchmarkHolds) }

func benchmarkHolds(b *testing.B, s storetest.Store) {
	operator := operatorOf(s)
	b.Run("read", func(b *testing.B) {
		const turns = 4
		var free, held time.Duration
		for range turns {
			free += readAll(b, s, b.N/turns+1)
			ids := placeMany(b, operator, 100)
			held += readAll(b, s, b.N/turns+1)
			for _, id := range ids {
				_, err := operator.Release(b.Context(), id, "over")
				must(b, err)
			}
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(held.Microseconds())/float64(b.N), "us-processor/read")
		b.ReportMetric(free.Seconds()/held.Seconds(), "of-free")
	})
}

// BenchmarkQuarantine measures placing a hold and releasing it.
func BenchmarkQuarantine(b *testing.B) { eachStore(b, benchmarkQuarantine) }

func benchmarkQuarantine(b *testing.B, s storetest.Store) {
	operator := operatorOf(s)
	var ids []string
	b.Run("quarantine", func(b *testing.B) {
		for range b.N {
			ids = append(ids, placeMany(b, operator, 1)...)
		}
	})
	b.Run("release", func(b *testing.B) {
		for i := range b.N {
			_, err := operator.Release(b.Context(), ids[i%len(ids)], "over")
			must(b, err)
		}
	})
}

// placeMany places holds of every kind except the one that covers everything.
func placeMany(b *testing.B, operator *quarantine.Service, n int) (ids []string) {
	b.Helper()
	for i := range n {
		scope := []hold.Scope{
			{Kind: hold.ScopeID, ID: storetest.Record(time.Now(), 0).ID.String()},
			{Kind: hold.ScopeKey, Name: fmt.Sprintf("kek-%d", i)},
			{Kind: hold.ScopePrefix, Prefix: storetest.Record(time.Now(), 0).ID.String()[:10]},
			{Kind: hold.ScopeWeek, Week: "2020w01"},
			{Kind: hold.ScopePeriod, From: storetest.Start, To: storetest.Start.Add(time.Hour)},
		}[i%5]
		o, err := operator.Quarantine(b.Context(), quarantine.Request{Scope: scope, Modes: []hold.Mode{hold.BlockRead}, Reason: "benchmark"}, nil)
		must(b, err)
		ids = append(ids, o.Hold.ID)
	}
	return ids
}

// readAll creates n secrets and returns the processor's time that 64 concurrent readers need to read each once.
func readAll(b *testing.B, s storetest.Store, n int) time.Duration {
	b.Helper()
	const readers = 64
	service := storetest.Service(s, time.Now)
	links := make([]*storetest.Link, n)
	for i := range links {
		links[i] = storetest.NewLink(time.Now().Add(time.Hour), 1, make([]byte, 1024))
	}
	each := func(do func(l *storetest.Link) error) time.Duration {
		begun := processorTime(b)
		var group sync.WaitGroup
		for part := range slices.Chunk(links, n/readers+1) {
			group.Go(func() {
				for _, l := range part {
					if err := do(l); err != nil {
						b.Error(err)
					}
				}
			})
		}
		group.Wait()
		return processorTime(b) - begun
	}
	each(func(l *storetest.Link) error { _, err := service.Create(b.Context(), l.Draft); return err })
	return each(func(l *storetest.Link) error {
		_, err := service.Read(b.Context(), l.ID, l.Proofs, []byte("key of the reader"), storetest.Admitted{})
		return err
	})
}

// processorTime returns how long this process has run on all processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func operatorOf(s storetest.Store) *quarantine.Service {
	return &quarantine.Service{
		Store: store.Holds{Partitions: s}, Events: discard{}, Now: time.Now, Settled: time.Now, Random: rand.Reader,
		Policy: quarantine.Policy{Hold: 24 * time.Hour, HoldMax: 720 * time.Hour, Severity: "Medium"},
	}
}

// discard drops all events.
type discard struct{}

func (discard) Publish(secret.Event)                        {}
func (discard) Send(context.Context, ...secret.Event) error { return nil }
