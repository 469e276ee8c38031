package abuse

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// loose are limits that nothing here reaches, within which everything counts.
var loose = Limits{Addresses: Limit{MaxCount, MaxPer}, Unknown: Limit{MaxCount, MaxPer}, Wrong: Limit{MaxCount, MaxPer}}

func nth(n int) (netip.Prefix, secret.ID) {
	var id secret.ID
	binary.BigEndian.PutUint32(id[:], uint32(n))
	return netip.PrefixFrom(netip.AddrFrom4([4]byte(id[:4])), 32), id
}

// bound is for how many sightings a rule has room, as its comment says.
const bound = 2 * (most + 2*MaxCount)

// held returns what a rule holds: subjects, and sightings that they have room for.
func (r *rule) held() (subjects, room int) {
	tallies := map[*tally]bool{}
	for _, generation := range []map[uint64]*tally{r.old, r.new} {
		for _, t := range generation {
			tallies[t] = true
		}
	}
	for t := range tallies {
		room += cap(t.seen)
	}
	return len(tallies), room
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A million ids from a million addresses within one window, then a million from one
// address, stay within the bound that the package's comment gives.
func TestMemoryIsBounded(t *testing.T) {
	before, used := heap(), int64(0)
	w := New(loose, func() time.Time { return time.Time{} })
	one, _ := nth(0)
	for n := range 1_000_000 {
		client, id := nth(n)
		w.Saw(client, id, Unknown)
		w.Saw(client, id, Wrong)
		w.Saw(one, id, Other)
		if n%100_000 != 99_999 {
			continue
		}
		for _, r := range []*rule{&w.addresses, &w.unknown, &w.wrong} {
			if subjects, room := r.held(); room >= bound || subjects > room {
				t.Fatalf("after %d ids a rule has room for %d sightings of %d subjects", n+1, room, subjects)
			}
		}
		used = max(used, int64(heap())-int64(before))
	}
	t.Logf("at most %d KiB are held", used>>10)
	if used > 3*14<<20 {
		t.Error("that is more than 14 MiB for each pattern")
	}
	runtime.KeepAlive(w)
}

// However much is seen with one subject, its tally is no longer than the limit.
func TestATallyIsBounded(t *testing.T) {
	w := New(loose, time.Now)
	client, _ := nth(0)
	for n := range 10 * MaxCount {
		_, id := nth(n)
		w.Saw(client, id, Unknown)
	}
	if subjects, room := w.unknown.held(); subjects != 1 || room > 2*MaxCount {
		t.Errorf("there is room for %d sightings of %d subjects", room, subjects)
	}
}

// Tallies that were full once, and are kept alive by a call a window, are bounded too.
func TestTalliesThatEmptiedAreBounded(t *testing.T) {
	now := time.Now()
	w := New(loose, func() time.Time { return now })
	for window := range 10 {
		for subject := range 40 * (window + 1) {
			client, id := nth(subject)
			w.Saw(client, id, Unknown)
			for n := 0; subject >= 40*window && n < MaxCount; n++ {
				_, id := nth(n)
				w.Saw(client, id, Unknown)
			}
		}
		if subjects, room := w.unknown.held(); room >= bound {
			t.Fatalf("after %d windows there is room for %d sightings of %d subjects", window+1, room, subjects)
		}
		now = now.Add(MaxPer)
	}
}

// What nobody asks for any more is forgotten after two windows.
func TestWhatIsOverIsForgotten(t *testing.T) {
	now := time.Now()
	w := New(loose, func() time.Time { return now })
	for n := range 3 {
		w.Saw(netip.MustParsePrefix("192.0.2.1/32"), secret.ID{byte(n)}, Other)
		now = now.Add(MaxPer)
	}
	if subjects, _ := w.addresses.held(); subjects != 2 {
		t.Errorf("%d subjects are held, want those of two windows", subjects)
	}
}

// An id that is asked for again stays while others make room, its sign with it; one
// that is not is counted anew.
func TestAFloodForgetsWhatIsNotSeenAgain(t *testing.T) {
	w := New(Limits{Addresses: Limit{3, time.Hour}}, time.Now)
	_, kept := nth(1)
	_, lost := nth(2)
	others := 10
	flood := func() {
		client, _ := nth(1)
		for range 4 * most {
			_, id := nth(others)
			if others++; others%1000 == 0 {
				w.Saw(client, kept, Other)
			}
			w.Saw(client, id, Other)
		}
	}
	saw := func(n int, id secret.ID, want Action) {
		t.Helper()
		client, _ := nth(n)
		if got := w.Saw(client, id, Other); got.Action != want {
			t.Errorf("address %d gave %v, want action %d", n, got, want)
		}
	}
	for _, id := range []secret.ID{kept, lost} {
		saw(1, id, None)
		saw(2, id, None)
	}
	flood()
	saw(3, kept, HoldID)
	saw(3, lost, None)
	flood()
	saw(4, kept, None)
}

func BenchmarkSaw(b *testing.B) {
	usual := Limits{Addresses: Limit{20, 10 * time.Minute}, Unknown: Limit{60, time.Minute}, Wrong: Limit{30, 10 * time.Minute}}
	b.Run("traffic", func(b *testing.B) { // ids that are each asked for three times by two addresses
		w, n := New(usual, time.Now), 0
		for b.Loop() {
			client, _ := nth(n % 2)
			_, id := nth(n / 3)
			w.Saw(client, id, Other)
			n++
		}
	})
	b.Run("flood", func(b *testing.B) { // each call a new address with a new id
		w, n := New(usual, time.Now), 0
		for b.Loop() {
			client, id := nth(n)
			w.Saw(client, id, Wrong)
			n++
		}
	})
	for name, l := range map[string]Limits{"full": usual, "full at the largest limit": loose} {
		b.Run(name, func(b *testing.B) { // one address whose tally is full
			w, n := New(l, time.Now), 0
			client, _ := nth(0)
			for b.Loop() {
				_, id := nth(n)
				w.Saw(client, id, Unknown)
				n++
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		w := New(usual, time.Now)
		b.RunParallel(func(pb *testing.PB) {
			for n := 0; pb.Next(); n++ {
				client, _ := nth(n % 7)
				_, id := nth(n / 3)
				w.Saw(client, id, Other)
			}
		})
	})
}
