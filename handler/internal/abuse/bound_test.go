package abuse

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// loose has the largest limits: everything counts, and nothing reaches them.
var loose = Limits{Addresses: Limit{MaxCount, MaxPer}, Unknown: Limit{MaxCount, MaxPer}, Wrong: Limit{MaxCount, MaxPer}}

func nth(n int) (netip.Addr, header.ID) {
	var id header.ID
	binary.BigEndian.PutUint32(id[:], uint32(n))
	return netip.AddrFrom4([4]byte(id[:4])), id
}

// bound is the most sightings that a rule holds, as its comment promises.
const bound = 2 * (maxSightings + 2*MaxCount)

// held returns the number of subjects of a rule, and its capacity in sightings.
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

// A million ids from a million addresses in one window, and a million from one
// address, stay within the bound that the package comment promises.
func TestMemoryIsBounded(t *testing.T) {
	before, used := heap(), int64(0)
	d := New(loose, func() time.Time { return time.Time{} })
	one, _ := nth(0)
	for n := range 1_000_000 {
		client, id := nth(n)
		d.Observe(client, id, Unknown)
		d.Observe(client, id, Wrong)
		d.Observe(one, id, Other)
		if n%100_000 != 99_999 {
			continue
		}
		for _, r := range []*rule{&d.addresses, &d.unknown, &d.wrong} {
			if subjects, room := r.held(); room >= bound || subjects > room {
				t.Fatalf("after %d ids a rule has a capacity of %d sightings of %d subjects", n+1, room, subjects)
			}
		}
		used = max(used, int64(heap())-int64(before))
	}
	t.Logf("at most %d KiB used", used>>10)
	if used > 3*14<<20 {
		t.Error("more than 14 MiB for each pattern")
	}
	runtime.KeepAlive(d)
}

func TestATallyIsBounded(t *testing.T) {
	d := New(loose, time.Now)
	client, _ := nth(0)
	for n := range 10 * MaxCount {
		_, id := nth(n)
		d.Observe(client, id, Unknown)
	}
	if subjects, room := d.unknown.held(); subjects != 1 || room > 2*MaxCount {
		t.Errorf("a capacity of %d sightings of %d subjects", room, subjects)
	}
}

// Tallies that were full once, and get one call in each window, stay bounded.
func TestEmptiedTalliesAreBounded(t *testing.T) {
	now := time.Now()
	d := New(loose, func() time.Time { return now })
	for window := range 10 {
		for subject := range 40 * (window + 1) {
			client, id := nth(subject)
			d.Observe(client, id, Unknown)
			for n := 0; subject >= 40*window && n < MaxCount; n++ {
				_, id := nth(n)
				d.Observe(client, id, Unknown)
			}
		}
		if subjects, room := d.unknown.held(); room >= bound {
			t.Fatalf("after %d windows a capacity of %d sightings of %d subjects", window+1, room, subjects)
		}
		now = now.Add(MaxPer)
	}
}

func TestSubjectsAreForgottenAfterTwoWindows(t *testing.T) {
	now := time.Now()
	d := New(loose, func() time.Time { return now })
	for n := range 3 {
		d.Observe(netip.MustParseAddr("192.0.2.1"), header.ID{byte(n)}, Other)
		now = now.Add(MaxPer)
	}
	if subjects, _ := d.addresses.held(); subjects != 2 {
		t.Errorf("%d subjects, want those of two windows", subjects)
	}
}

// An id that is seen again survives a flood, and so does its sign. Others are
// counted from zero.
func TestAFloodForgetsOtherSubjects(t *testing.T) {
	d := New(Limits{Addresses: Limit{3, time.Hour}}, time.Now)
	_, kept := nth(1)
	_, lost := nth(2)
	others := 10
	flood := func() {
		client, _ := nth(1)
		for range 4 * maxSightings {
			_, id := nth(others)
			if others++; others%1000 == 0 {
				d.Observe(client, kept, Other)
			}
			d.Observe(client, id, Other)
		}
	}
	saw := func(n int, id header.ID, want string) {
		t.Helper()
		client, _ := nth(n)
		if got := d.Observe(client, id, Other).Kind; got != want {
			t.Errorf("address %d gave %q, want %q", n, got, want)
		}
	}
	for _, id := range []header.ID{kept, lost} {
		saw(1, id, "")
		saw(2, id, "")
	}
	flood()
	saw(3, kept, KindAddresses)
	saw(3, lost, "")
	flood()
	saw(4, kept, "")
}

func BenchmarkObserve(b *testing.B) {
	usual := Limits{Addresses: Limit{20, 10 * time.Minute}, Unknown: Limit{60, time.Minute}, Wrong: Limit{30, 10 * time.Minute}}
	b.Run("traffic", func(b *testing.B) { // three calls for each id, by two addresses
		d, n := New(usual, time.Now), 0
		for b.Loop() {
			client, _ := nth(n % 2)
			_, id := nth(n / 3)
			d.Observe(client, id, Other)
			n++
		}
	})
	b.Run("flood", func(b *testing.B) { // each call a new address with a new id
		d, n := New(usual, time.Now), 0
		for b.Loop() {
			client, id := nth(n)
			d.Observe(client, id, Wrong)
			n++
		}
	})
	for name, l := range map[string]Limits{"full": usual, "full at the largest limit": loose} {
		b.Run(name, func(b *testing.B) { // one address with a full tally
			d, n := New(l, time.Now), 0
			client, _ := nth(0)
			for b.Loop() {
				_, id := nth(n)
				d.Observe(client, id, Unknown)
				n++
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		d := New(usual, time.Now)
		b.RunParallel(func(pb *testing.PB) {
			for n := 0; pb.Next(); n++ {
				client, _ := nth(n % 7)
				_, id := nth(n / 3)
				d.Observe(client, id, Other)
			}
		})
	})
}
