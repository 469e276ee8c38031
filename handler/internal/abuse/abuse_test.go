package abuse_test

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/abuse"
)

var start = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// usual has the limits that the documentation proposes.
var usual = abuse.Limits{
	Addresses: abuse.Limit{Count: 20, Per: 10 * time.Minute},
	Unknown:   abuse.Limit{Count: 60, Per: time.Minute},
	Wrong:     abuse.Limit{Count: 30, Per: 10 * time.Minute},
}

type clock struct{ time time.Time }

func (c *clock) now() time.Time          { return c.time }
func (c *clock) advance(d time.Duration) { c.time = c.time.Add(d) }

// client returns the nth address. Every other one is of IPv6.
func client(n int) netip.Addr {
	var b [16]byte
	if n%2 == 0 {
		binary.BigEndian.PutUint32(b[:], 0x20010db8)
		binary.BigEndian.PutUint32(b[4:], uint32(n))
		return netip.AddrFrom16(b)
	}
	binary.BigEndian.PutUint32(b[:], 0x0a000000+uint32(n))
	return netip.AddrFrom4([4]byte(b[:4]))
}

func id(n int) (i header.ID) {
	binary.BigEndian.PutUint32(i[16:], uint32(n))
	return i
}

// rules has, for each pattern, its limit and the nth call about a subject.
var rules = map[string]struct {
	limit func(*abuse.Limits) *abuse.Limit
	call  func(d *abuse.Detector, subject, n int) string
}{
	abuse.KindAddresses: {
		func(l *abuse.Limits) *abuse.Limit { return &l.Addresses },
		func(d *abuse.Detector, subject, n int) string {
			return d.Observe(client(n), id(subject), abuse.Other).Kind
		},
	},
	abuse.KindUnknown: {
		func(l *abuse.Limits) *abuse.Limit { return &l.Unknown },
		func(d *abuse.Detector, subject, n int) string {
			return d.Observe(client(subject), id(n), abuse.Unknown).Kind
		},
	},
	abuse.KindWrong: {
		func(l *abuse.Limits) *abuse.Limit { return &l.Wrong },
		func(d *abuse.Detector, subject, n int) string {
			return d.Observe(client(subject), id(n), abuse.Wrong).Kind
		},
	},
}

// eachRule runs a test for each rule, with a detector with the usual limits.
func eachRule(t *testing.T, test func(t *testing.T, kind string, l abuse.Limit, d *abuse.Detector, c *clock)) {
	for kind, rule := range rules {
		t.Run(kind, func(t *testing.T) {
			c := &clock{start}
			test(t, kind, *rule.limit(&usual), abuse.New(usual, c.now), c)
		})
	}
}

// expectNone makes the calls from and up to; none may be a sign.
func expectNone(t *testing.T, d *abuse.Detector, kind string, subject, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if got := rules[kind].call(d, subject, n); got != "" {
			t.Fatalf("call %d gave %v, want none", n, got)
		}
	}
}

// expectSign makes a call that must be a sign.
func expectSign(t *testing.T, d *abuse.Detector, kind string, subject, n int) {
	t.Helper()
	if got := rules[kind].call(d, subject, n); got != kind {
		t.Fatalf("call %d gave %q, want %q", n, got, kind)
	}
}

func TestARuleReportsAtItsLimitOnceInAWindow(t *testing.T) {
	eachRule(t, func(t *testing.T, kind string, l abuse.Limit, d *abuse.Detector, c *clock) {
		expectNone(t, d, kind, 0, 0, l.Count-1)
		expectNone(t, d, kind, 0, 0, l.Count-1) // the same again does not count
		expectSign(t, d, kind, 0, l.Count-1)
		expectNone(t, d, kind, 0, 0, 3*l.Count)
		c.advance(l.Per - 1)
		expectNone(t, d, kind, 0, 0, 3*l.Count)
		c.advance(1)
		expectSign(t, d, kind, 0, 3*l.Count-1) // it continued during the window
		expectNone(t, d, kind, 0, 0, 3*l.Count)
	})
}

func TestALimitOfOneReportsTheFirst(t *testing.T) {
	for kind, rule := range rules {
		var l abuse.Limits
		*rule.limit(&l) = abuse.Limit{Count: 1, Per: time.Second}
		c := &clock{start}
		d := abuse.New(l, c.now)
		for n := range 3 {
			expectSign(t, d, kind, 0, n)
			expectNone(t, d, kind, 0, 0, 3)
			c.advance(time.Second)
		}
	}
}

func TestSubjectsAreCountedApart(t *testing.T) {
	eachRule(t, func(t *testing.T, kind string, l abuse.Limit, d *abuse.Detector, _ *clock) {
		for subject := range 20 {
			expectNone(t, d, kind, subject, 1000*subject, 1000*subject+l.Count-1)
		}
		for subject := range 20 {
			expectSign(t, d, kind, subject, 1000*subject+l.Count-1)
		}
	})
}

// Calls a window or more apart do not count together. Those within any window do.
func TestWindowsSlide(t *testing.T) {
	eachRule(t, func(t *testing.T, kind string, l abuse.Limit, d *abuse.Detector, c *clock) {
		apart := l.Per / time.Duration(l.Count-1)
		for n := range 10 * l.Count { // always one too few within a window
			expectNone(t, d, kind, 0, n, n+1)
			c.advance(apart + 1)
		}
		c.advance(l.Per / 3)
		expectNone(t, d, kind, 1, 10000, 10001)
		c.advance(l.Per - 1)
		expectNone(t, d, kind, 1, 10001, 10000+l.Count-1)
		expectSign(t, d, kind, 1, 10000+l.Count-1) // the first was one nanosecond within the window

		expectNone(t, d, kind, 2, 20000, 20001)
		c.advance(l.Per)
		expectNone(t, d, kind, 2, 20001, 20000+l.Count)
		expectSign(t, d, kind, 2, 20000+l.Count)
	})
}

// A value that is seen again has the time of its last sighting.
func TestARepeatedValueCountsFromItsLastSighting(t *testing.T) {
	eachRule(t, func(t *testing.T, kind string, l abuse.Limit, d *abuse.Detector, c *clock) {
		for range 5 {
			expectNone(t, d, kind, 0, 0, 1)
			c.advance(l.Per / 2)
		}
		expectNone(t, d, kind, 0, 1, l.Count-1)
		expectSign(t, d, kind, 0, l.Count-1)
	})
}

func TestAClockThatStepsBackDoesNotChangeTheWindow(t *testing.T) {
	eachRule(t, func(t *testing.T, kind string, l abuse.Limit, d *abuse.Detector, c *clock) {
		expectNone(t, d, kind, 0, 0, l.Count-1)
		c.advance(-time.Hour)
		expectSign(t, d, kind, 0, l.Count-1)
		c.advance(l.Per - 1)
		expectNone(t, d, kind, 0, 0, l.Count)
		c.advance(-time.Hour)
		expectNone(t, d, kind, 0, 0, l.Count)
		c.advance(1)
		expectSign(t, d, kind, 0, 0)

		expectNone(t, d, kind, 1, 5000, 5000+l.Count-1)
		c.advance(-time.Hour)
		expectNone(t, d, kind, 1, 5000, 5001)
		c.advance(l.Per) // now all is forgotten
		expectNone(t, d, kind, 1, 6000, 6000+l.Count-1)
	})
}

func TestAClockThatStepsAheadForgets(t *testing.T) {
	eachRule(t, func(t *testing.T, kind string, l abuse.Limit, d *abuse.Detector, c *clock) {
		expectNone(t, d, kind, 0, 0, l.Count-1)
		c.advance(1000 * time.Hour)
		expectNone(t, d, kind, 0, l.Count, 2*l.Count-1)
		expectSign(t, d, kind, 0, 2*l.Count-1)
	})
}

func TestAPatternThatIsOffGivesNoSign(t *testing.T) {
	for kind := range rules {
		off := usual
		*rules[kind].limit(&off) = abuse.Limit{}
		for name, l := range map[string]abuse.Limits{"all": {}, "this": off} {
			t.Run(kind+" "+name, func(t *testing.T) {
				d := abuse.New(l, time.Now)
				for n := range 200 {
					if got := rules[kind].call(d, 0, n); got == kind || name == "all" && got != "" {
						t.Fatalf("call %d gave %v", n, got)
					}
				}
			})
		}
	}
}

// The sign names the oldest call that counted, by the wall clock.
func TestASignSaysSinceWhen(t *testing.T) {
	c := &clock{start}
	d := abuse.New(abuse.Limits{Addresses: abuse.Limit{Count: 3, Per: time.Hour}}, c.now)
	signs := map[int]abuse.Sign{}
	for n, minute := range []int{0, 50, 55, 70, 115} {
		c.time = start.Add(time.Duration(minute) * time.Minute)
		if sign := d.Observe(client(n), id(0), abuse.Other); sign.Kind != "" {
			signs[minute] = sign
		}
	}
	if want := (map[int]abuse.Sign{55: {Kind: abuse.KindAddresses, Since: start}}); !maps.Equal(signs, want) {
		t.Errorf("signs %v, want %v", signs, want)
	}
	c.time = start.Add(116 * time.Minute)
	if sign := d.Observe(client(9), id(0), abuse.Other); sign.Since != start.Add(70*time.Minute) {
		t.Errorf("%v, want one since the first call of the window", sign)
	}
}

func TestCallsWithoutAccessCauseNoFreeze(t *testing.T) {
	d := abuse.New(usual, time.Now)
	for n := range 1000 {
		if got := d.Observe(client(n), id(0), abuse.Unknown).Kind; got != "" {
			t.Fatalf("call %d gave %v", n, got)
		}
	}
}

func TestACallThatCompletesTwoSignsLosesNone(t *testing.T) {
	d := abuse.New(abuse.Limits{Addresses: abuse.Limit{Count: 2, Per: time.Hour}, Wrong: abuse.Limit{Count: 2, Per: time.Hour}}, time.Now)
	d.Observe(client(1), id(1), abuse.Wrong)
	d.Observe(client(2), id(2), abuse.Other)
	if got := d.Observe(client(1), id(2), abuse.Wrong).Kind; got != abuse.KindAddresses {
		t.Errorf("the first sign is %v, want a freeze", got)
	}
	if got := d.Observe(client(1), id(2), abuse.Wrong).Kind; got != abuse.KindWrong {
		t.Errorf("the second sign is %v, want a report", got)
	}
}

func TestConcurrentCallsGiveOneSign(t *testing.T) {
	eachRule(t, func(t *testing.T, kind string, l abuse.Limit, d *abuse.Detector, _ *clock) {
		var signs atomic.Int32
		var all sync.WaitGroup
		for n := range 2 * l.Count {
			all.Go(func() {
				if rules[kind].call(d, 0, n) != "" {
					signs.Add(1)
				}
			})
		}
		all.Wait()
		if signs.Load() != 1 {
			t.Errorf("%d signs, want one", signs.Load())
		}
	})
}
