package main

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/config"
)

// allowed returns how many of n calls a limiter admits, and the wait that it names then.
func allowed(l *limiter[string], key string, cost time.Duration, n int) (calls int, wait time.Duration) {
	for range n {
		if wait = l.take(key, cost); wait == 0 {
			calls++
		}
	}
	return calls, wait
}

func TestLimiterAllowsItsRateForEachKey(t *testing.T) {
	rate, clock := config.Rate{Calls: 3, Per: time.Minute}, &testClock{}
	l := newLimiter[string](rate.Per, clock.clock().Steady)
	for _, step := range []struct {
		after time.Duration
		key   string
		want  int
		wait  time.Duration
	}{
		{0, "a", 3, 20 * time.Second}, {0, "b", 3, 20 * time.Second}, {19 * time.Second, "a", 0, time.Second},
		{time.Second, "a", 1, 20 * time.Second}, {time.Hour, "a", 3, 20 * time.Second},
	} {
		clock.advance(step.after)
		if got, wait := allowed(l, step.key, each(rate), 10); got != step.want || wait != step.wait {
			t.Errorf("%s was allowed %d calls and then %s of waiting, want %d and %s", step.key, got, wait, step.want, step.wait)
		}
	}
	clock.step(-time.Hour)
	clock.advance(20 * time.Second)
	if got, _ := allowed(l, "a", each(rate), 10); got != 1 {
		t.Errorf("after a step of the wall clock %d calls were allowed, want 1", got)
	}
}

// What is given back may be taken again, and a cost above the burst is a burst.
func TestLimiterTakesBack(t *testing.T) {
	clock := &testClock{}
	clock.advance(time.Hour)
	l := newLimiter[string](time.Minute, clock.clock().Steady)
	if l.take("a", time.Hour) != 0 || !l.knows("a") || l.take("a", time.Nanosecond) == 0 {
		t.Error("a large cost is not a burst")
	}
	l.give("a", time.Hour)
	if l.knows("a") || l.take("a", time.Minute) != 0 {
		t.Error("a cost was not given back")
	}
}

func TestLimiterThatIsOffCountsNothing(t *testing.T) {
	l := newLimiter[string](0, (&testClock{}).clock().Steady)
	if calls, _ := allowed(l, "a", each(config.Rate{}), 5); calls != 5 || l.knows("a") {
		t.Errorf("%d of 5 calls were allowed", calls)
	}
}

// A key is forgotten only once it owes nothing, or in a flood.
func TestLimiterIsBounded(t *testing.T) {
	clock := &testClock{}
	l := newLimiter[string](time.Minute, clock.clock().Steady)
	clock.advance(30 * time.Second)
	l.take("a", time.Minute)
	clock.advance(59 * time.Second)
	l.take("b", time.Second)
	if got, _ := allowed(l, "a", time.Minute, 1); got != 0 {
		t.Error("a key was forgotten while it owed something")
	}
	for n := range 5 * maxKeys {
		l.take(strconv.Itoa(n), time.Minute)
	}
	if n := len(l.free.new) + len(l.free.old); n > 2*maxKeys {
		t.Errorf("%d keys are kept, want at most %d", n, 2*maxKeys)
	}
	clock.advance(time.Minute)
	l.take("c", time.Second)
	clock.advance(time.Minute)
	l.take("d", time.Second)
	if n := len(l.free.new) + len(l.free.old); n > 2 {
		t.Errorf("%d keys are kept, want those of the last two minutes", n)
	}
}

// The same wrong claim again does not count. Nobody but a guesser is refused: not the
// holder of a lease, not a reader of a secret without a passphrase, not the sender.
func TestGuessesCountForEachAddressAndSecret(t *testing.T) {
	f := newFixture(t, "SSS_RATE=2/m", "SSS_TRIES=20")
	open := f.send(terms{views: 9})
	locked := f.send(terms{views: 9, passphrase: "pâté"})
	f.clock.advance(time.Minute)
	other := f.send(terms{passphrase: "pâté"})
	further := f.send(terms{passphrase: "pâté"})
	f.want(locked.read(keyOf("lease")), 200, "")
	for range 5 {
		f.want(wrong(locked.read(keyOf("b")), 1), 403, "wrong-passphrase")
	}
	f.want(wrong(locked.revokeAsReader(), 2), 403, "wrong-passphrase")
	got := f.want(wrong(locked.read(keyOf("b")), 3), 429, "rate-limited")
	if got.header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After is %s", got.header.Get("Retry-After"))
	}
	f.want(locked.read(keyOf("b")), 429, "rate-limited")
	f.want(locked.read(keyOf("lease")), 200, "")
	f.want(locked.status(), 200, "")
	f.want(other.read(keyOf("a")), 200, "")
	f.want(wrong(other.read(keyOf("b")), 1), 410, "gone")
	f.want(wrong(further.read(keyOf("a")), 1), 403, "wrong-passphrase")
	f.clock.advance(time.Second)
	for n := range 3 { // without a passphrase there is nothing to guess
		f.want(wrong(open.read(keyOf("a", n)), n), 403, "wrong-passphrase")
	}
	f.want(open.read(keyOf("a")), 200, "")
	f.want(locked.revoke(), 204, "")
}

// The first wrong claim on each further secret counts for the address.
func TestGuessesOnManySecretsCountForTheAddress(t *testing.T) {
	f := newFixture(t, "SSS_RATE=3/m", "SSS_TRUSTED_PROXIES=127.0.0.1")
	var all []*sent
	for n := range 4 {
		s := sealed(t, terms{passphrase: "pâté"})
		f.want(from(s.create(), fmt.Sprintf("198.51.100.%d", n)), 201, "")
		all = append(all, s)
	}
	for n := range 3 {
		f.want(from(wrong(all[n].read(keyOf("a")), 1), "203.0.113.1"), 403, "wrong-passphrase")
	}
	f.want(from(wrong(all[3].read(keyOf("a")), 1), "203.0.113.1"), 429, "rate-limited")
	f.want(from(all[3].read(keyOf("a")), "203.0.113.1"), 429, "rate-limited")
	f.want(from(wrong(all[0].read(keyOf("a")), 2), "203.0.113.1"), 403, "wrong-passphrase") // no further secret
	f.want(from(all[3].read(keyOf("a")), "203.0.113.2"), 200, "")
}

// A lease serves its view and 30 repetitions. Calls that were not served do not count.
func TestRepetitionsOfALeaseAreLimited(t *testing.T) {
	f := newFixture(t, "SSS_RATE=off")
	s := f.send(terms{views: 2})
	for range 1 + maxRepeats {
		f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
		f.want(s.read(keyOf("a")), 200, "")
	}
	got := f.want(s.read(keyOf("a")), 429, "rate-limited")
	if got.header.Get("Retry-After") != "120" {
		t.Errorf("Retry-After is %s", got.header.Get("Retry-After"))
	}
	f.want(s.read(keyOf("b")), 200, "")
	f.want(s.ack(keyOf("a")), 204, "")
	f.clock.advance(2 * leaseTime)
	f.want(s.read(keyOf("a")), 410, "gone")
}

// What an address may have stored is counted in bytes for their time to live, and only
// for secrets that were stored.
func TestCreatesAreLimitedByBytesAndLifetime(t *testing.T) {
	large := terms{data: make([]byte, 100<<10), ttl: 24 * time.Hour}
	size := len(sealed(t, large).envelope)
	for name, at := range map[string]struct {
		settings []string
		terms    terms
		want     int // creates that are admitted
		key      string
	}{
		"whole time":    {nil, large, 2, ""},
		"half the time": {nil, terms{data: large.data, ttl: 12 * time.Hour}, 5, ""},
		"small":         {nil, terms{ttl: 24 * time.Hour}, 20, ""},
		"off":           {[]string{"SSS_ADDRESS_BYTES=off"}, large, 20, ""},
		"key":           {[]string{"SSS_CREATE=key", "SSS_CREATE_KEYS=" + hexHash("letmein")}, large, 2, "letmein"},
	} {
		t.Run(name, func(t *testing.T) {
			budget := fmt.Sprintf("SSS_ADDRESS_BYTES=%dKiB", 5*size/2>>10+1)
			f := newFixture(t, append([]string{budget, "SSS_MAX_TTL=24h", "SSS_TRUSTED_PROXIES=127.0.0.1"}, at.settings...)...)
			stored := 0
			for n := range 20 {
				s := sealed(t, at.terms)
				address := "203.0.113.1"
				if at.key != "" { // from many addresses
					address = fmt.Sprintf("203.0.113.%d", n)
				}
				got := f.do(from(s.create().with("Secret-Create", at.key), address))
				if got.status == 429 {
					break
				}
				f.want(from(s.create().with("Secret-Create", at.key), address), 200, "")
				f.want(from(s.having("manage_hash", hashOf([]byte("x"))).create().with("Secret-Create", at.key), address), 409, "conflict")
				stored++
			}
			if stored != at.want {
				t.Errorf("%d secrets were stored, want %d", stored, at.want)
			}
		})
	}
}

// The Retry-After of a refused create is true.
func TestRetryAfterOfASpentBudgetIsTrue(t *testing.T) {
	f := newFixture(t, "SSS_ADDRESS_BYTES=200KiB", "SSS_MAX_TTL=24h")
	large := terms{data: make([]byte, 100<<10), ttl: 24 * time.Hour}
	f.send(large)
	s := sealed(t, terms{data: large.data, ttl: 24 * time.Hour})
	wait, err := strconv.Atoi(f.want(s.create(), 429, "rate-limited").header.Get("Retry-After"))
	if err != nil || wait < 60 {
		t.Fatalf("wait for %d s: %v", wait, err)
	}
	f.clock.advance(time.Duration(wait) * time.Second / 2)
	f.want(s.create(), 429, "rate-limited")
	f.clock.advance(time.Duration(wait) * time.Second / 2)
	f.want(s.create(), 201, "")
}

// The limits hold under the Functions host, where App Service names the client.
func TestLimitsHoldUnderTheHost(t *testing.T) {
	cfg := testConfig(t, "SSS_RATE=2/m")
	cfg.Hosted = true
	f := startFixture(t, cfg)
	var got []int
	for range 3 {
		got = append(got, f.do(from(sealed(t, terms{}).create(), "forged, 203.0.113.1:4711")).status)
	}
	got = append(got, f.do(from(sealed(t, terms{}).create(), "203.0.113.1, 203.0.113.2:4711")).status)
	if want := []int{201, 201, 429, 201}; !slices.Equal(got, want) {
		t.Errorf("answered %v, want %v", got, want)
	}
}
