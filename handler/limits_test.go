package main

import (
	"net/netip"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/config"
)

func prefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }

func TestLimiterAllowsItsRateForEachAddress(t *testing.T) {
	c := &testClock{wall: start}
	l := newLimiter(config.Rate{Calls: 3, Per: time.Minute}, c.now)
	a, b := prefix("192.0.2.1/32"), prefix("192.0.2.2/32")
	takes := func(client netip.Prefix, want int) {
		t.Helper()
		n := 0
		for range 10 {
			if l.take(client) {
				n++
			}
		}
		if n != want {
			t.Errorf("%s was allowed %d calls, want %d", client, n, want)
		}
	}
	takes(a, 3)
	takes(b, 3)
	c.advance(19 * time.Second)
	takes(a, 0)
	c.advance(time.Second)
	takes(a, 1)
	c.advance(time.Hour)
	takes(a, 3)
}

func TestLimiterThatIsOffCountsNothing(t *testing.T) {
	for name, l := range map[string]*limiter{
		"off": newLimiter(config.Rate{}, time.Now), "unknown address": newLimiter(config.Rate{Calls: 1, Per: time.Minute}, time.Now),
	} {
		client := netip.Prefix{}
		if name == "off" {
			client = prefix("192.0.2.1/32")
		}
		for range 5 {
			if !l.take(client) || l.spent(client) {
				t.Errorf("%s: a call was refused", name)
			}
		}
		if len(l.new)+len(l.old) > 0 {
			t.Errorf("%s: an address was kept", name)
		}
	}
}

func TestSpentCountsNothing(t *testing.T) {
	c := &testClock{wall: start}
	l := newLimiter(config.Rate{Calls: 1, Per: time.Minute}, c.now)
	a := prefix("192.0.2.1/32")
	for range 5 {
		if l.spent(a) {
			t.Fatal("spent before any call")
		}
	}
	if !l.take(a) || !l.spent(a) || l.take(a) {
		t.Error("the limiter did not allow exactly one call")
	}
}

// An address is forgotten only once its whole allowance is back.
func TestLimiterForgetsOnlyAddressesWithTheirWholeAllowance(t *testing.T) {
	c := &testClock{wall: start}
	l := newLimiter(config.Rate{Calls: 2, Per: time.Minute}, c.now)
	a := prefix("192.0.2.1/32")
	c.advance(30 * time.Second)
	l.take(a)
	l.take(a)
	for n := range 200 {
		l.take(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(n)}), 32))
	}
	c.advance(31 * time.Second) // one of the two is back
	if !l.take(a) || l.take(a) {
		t.Error("an address was forgotten before its allowance was back")
	}
	c.advance(time.Minute)
	l.take(a)
	c.advance(time.Minute)
	l.take(a)
	if n := len(l.new) + len(l.old); n > 2 {
		t.Errorf("%d addresses are kept, want those of the last two minutes", n)
	}
}

// Only wrong passphrases count. A sender without tries left can still revoke its own secret.
func TestWrongClaimsCountForEachAddress(t *testing.T) {
	f := newFixture(t, "SSS_RATE=2/m")
	s := f.send(terms{views: 9})
	other := f.send(terms{})
	for range 3 {
		f.want(s.read(keyOf("a")), 200, "")
		f.want(sealed(t, terms{}).read(keyOf("a")), 404, "not-found")
	}
	f.want(wrong(s.read(keyOf("b")), 1), 403, "wrong-passphrase")
	f.want(wrong(s.read(keyOf("b")), 1), 403, "wrong-passphrase")
	got := f.want(s.read(keyOf("b")), 429, "rate-limited")
	if got.header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After is %s", got.header.Get("Retry-After"))
	}
	f.want(other.revoke(), 204, "")
	f.clock.advance(30 * time.Second)
	f.want(s.read(keyOf("b")), 200, "")
}
