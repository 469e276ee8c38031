package storetest

import (
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
)

// BenchmarkHolds compares reads while 100 holds stand that cover none of them
// with reads while none stands, in turns, by the processor's time: what else runs
// on the machine does not change that much.
func BenchmarkHolds(b *testing.B, s Store) {
	operator := Quarantine(s, time.Now)
	b.Run("read", func(b *testing.B) {
		const turns = 4
		var free, held time.Duration
		for range turns {
			free += readAll(b, s, b.N/turns+1)
			ids := raiseMany(b, operator, 100)
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

// BenchmarkQuarantine measures how long a hold takes until it acts everywhere, and until it is lifted.
func BenchmarkQuarantine(b *testing.B, s Store) {
	operator := Quarantine(s, time.Now)
	var ids []string
	b.Run("quarantine", func(b *testing.B) {
		for range b.N {
			ids = append(ids, raiseMany(b, operator, 1)...)
		}
	})
	b.Run("release", func(b *testing.B) {
		for i := range b.N {
			_, err := operator.Release(b.Context(), ids[i%len(ids)], "over")
			must(b, err)
		}
	})
}

// raiseMany sets holds of every kind but the one that covers everything.
func raiseMany(b *testing.B, operator *quarantine.Service, n int) (ids []string) {
	b.Helper()
	for i := range n {
		scope := []hold.Scope{
			{Kind: hold.ScopeID, ID: Record(time.Now(), 0).ID.String()},
			{Kind: hold.ScopeKey, Name: fmt.Sprintf("kek-%d", i)},
			{Kind: hold.ScopePrefix, Prefix: Record(time.Now(), 0).ID.String()[:10]},
			{Kind: hold.ScopeWeek, Week: "2020w01"},
			{Kind: hold.ScopePeriod, From: Start, To: Start.Add(time.Hour)},
		}[i%5]
		o, err := operator.Quarantine(b.Context(), quarantine.Request{Scope: scope, Modes: []hold.Mode{hold.BlockRead}, Reason: "benchmark"}, nil)
		must(b, err)
		ids = append(ids, o.Hold.ID)
	}
	return ids
}

// readAll creates so many secrets and returns the processor's time for many readers side by side to read each once.
func readAll(b *testing.B, s Store, n int) time.Duration {
	b.Helper()
	const readers = 64
	service := Service(s, time.Now)
	links := make([]*Link, n)
	for i := range links {
		links[i] = NewLink(time.Now().Add(time.Hour), 1, random(1024))
	}
	each := func(do func(l *Link) error) time.Duration {
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
	each(func(l *Link) error { _, err := service.Create(b.Context(), l.Draft); return err })
	return each(func(l *Link) error { _, err := l.read(b.Context(), service, random(16)); return err })
}

// processorTime returns how long this process has run on any processor.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
