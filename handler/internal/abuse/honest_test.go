package abuse_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/abuse"
)

// call is one call of a schedule, with the number of its address and of its id.
type call struct {
	at         time.Duration
	client, id int
	outcome    abuse.Outcome
}

// schedule is random calls.
type schedule struct {
	*rand.Rand
	calls []call
}

// call adds a call at a random time in a span, and up to three repetitions, as after
// lost answers and reloads.
func (s *schedule) call(from, to time.Duration, client, id int, outcome abuse.Outcome) {
	for range 1 + s.IntN(4) {
		s.calls = append(s.calls, call{from + time.Duration(s.Int64N(int64(to-from))), client, id, outcome})
	}
}

// honest has schedules that must give no sign, each with the highest count of each
// kind in a window.
var honest = map[string]struct {
	calls func(s *schedule)
	most  map[string]int
}{
	"a team of 15 behind one address opens 200 links in a minute": {
		func(s *schedule) {
			for link := range 200 {
				s.call(0, time.Minute, 1+link, link, abuse.Other) // its sender checks whether it was read
				switch {
				case link < 40: // purged long ago
					s.call(0, time.Minute, 0, link, abuse.Unknown)
				case link < 60: // a mistyped passphrase, then the right one
					s.call(0, time.Minute, 0, link, abuse.Wrong)
					fallthrough
				default:
					s.call(0, time.Minute, 0, link, abuse.Other)
				}
			}
		},
		map[string]int{abuse.KindAddresses: 2, abuse.KindUnknown: 40, abuse.KindWrong: 20},
	},
	"a person mistypes passphrases 9 times on 3 secrets": {
		func(s *schedule) {
			for try := range 9 {
				s.call(0, 5*time.Minute, 0, try%3, abuse.Wrong)
			}
		},
		map[string]int{abuse.KindAddresses: 1, abuse.KindWrong: 3},
	},
	"a mail scanner of 12 addresses asks for the status of one id": {
		func(s *schedule) {
			for address := range 12 {
				for range 1 + s.IntN(20) {
					s.call(0, 10*time.Minute, address, 0, abuse.Other)
				}
			}
		},
		map[string]int{abuse.KindAddresses: 12},
	},
	"a page polls a status every second, even after the secret is gone": {
		func(s *schedule) {
			for second := range 2 * time.Hour / time.Second {
				outcome := abuse.Other
				if second > 3600 {
					outcome = abuse.Unknown
				}
				s.call(second*time.Second, (second+1)*time.Second, 0, 0, outcome)
			}
		},
		map[string]int{abuse.KindAddresses: 1, abuse.KindUnknown: 1},
	},
	"a link is posted to a channel of 19 people": {
		func(s *schedule) {
			for person := range 19 {
				s.call(0, 10*time.Minute, person, 0, abuse.Wrong) // before they know the passphrase
				s.call(0, 10*time.Minute, person, 0, abuse.Other)
			}
		},
		map[string]int{abuse.KindAddresses: 19, abuse.KindWrong: 1},
	},
}

func TestHonestTrafficGivesNoSign(t *testing.T) {
	eachSchedule(t, func(t *testing.T, calls []call, _ map[string]int) {
		if got := play(usual, calls); len(got) > 0 {
			t.Errorf("signs: %v", got)
		}
	})
}

// The schedules do count: a limit of their highest count gives a sign, one above it
// does not.
func TestHonestTrafficReachesLimitsThatAreTooLow(t *testing.T) {
	eachSchedule(t, func(t *testing.T, calls []call, most map[string]int) {
		for kind, n := range most {
			var l abuse.Limits
			*rules[kind].limit(&l) = abuse.Limit{Count: n, Per: 3 * time.Hour}
			if got := play(l, calls); got[kind] == 0 {
				t.Errorf("%s=%d gave no sign", kind, n)
			}
			*rules[kind].limit(&l) = abuse.Limit{Count: n + 1, Per: 3 * time.Hour}
			if got := play(l, calls); len(got) > 0 {
				t.Errorf("%s=%d gave %v", kind, n+1, got)
			}
		}
	})
}

// eachSchedule runs a test with each honest schedule, with 20 seeds.
func eachSchedule(t *testing.T, test func(t *testing.T, calls []call, most map[string]int)) {
	for name, h := range honest {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(20) {
				s := &schedule{Rand: rand.New(rand.NewPCG(seed, 7))}
				h.calls(s)
				slices.SortStableFunc(s.calls, func(a, b call) int { return cmp.Compare(a.at, b.at) })
				test(t, s.calls, h.most)
			}
		})
	}
}

// play makes the calls at their times and counts the signs by kind.
func play(l abuse.Limits, calls []call) map[string]int {
	c := &clock{start}
	d := abuse.New(l, c.now)
	signs := map[string]int{}
	for _, call := range calls {
		c.time = start.Add(call.at)
		if got := d.Observe(client(call.client), id(call.id), call.outcome).Kind; got != "" {
			signs[got]++
		}
	}
	return signs
}
