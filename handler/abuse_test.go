package main

import (
	"fmt"
	"strings"
	"testing"
)

// from sends a request from an address, through a proxy that the fixture trusts.
func from(r request, address string) request { return r.with("X-Forwarded-For", address) }

// detecting starts a service with these limits of abuse detection.
func detecting(t *testing.T, limits string) *fixture {
	t.Helper()
	return operators(t, "SSS_ABUSE="+limits, "SSS_TRUSTED_PROXIES=127.0.0.1")
}

// Requests from many addresses for one secret place a hold on it, and on no other.
func TestManyAddressesPlaceAHoldOnTheSecret(t *testing.T) {
	f := detecting(t, "addresses=5/10m")
	s, other := f.send(terms{views: 2}), f.send(terms{})
	for i := range 20 { // without access, so they must not count
		f.want(from(other.status(), fmt.Sprintf("198.51.100.%d", i)).with("Secret-Access", s.access), 404, "not-found")
	}
	for i := range 4 {
		f.want(from(s.status(), fmt.Sprintf("203.0.113.%d", i)), 200, "")
	}
	f.want(from(s.read(keyOf("a")), "203.0.113.1"), 200, "")
	f.want(from(s.status(), "203.0.113.9"), 200, "")
	f.want(s.read(keyOf("b")), 423, "held")
	f.want(other.read(keyOf("a")), 200, "")
	got := f.want(operates(newRequest("GET", "/api/quarantine")), 200, "")
	if !strings.Contains(string(got.body), `"source":"abuse"`) || strings.Contains(string(got.body), `"all"`) {
		t.Errorf("%s", got.body)
	}
}

// Many unknown ids from one address are reported, and place no hold.
func TestManyUnknownIDsAreReported(t *testing.T) {
	f := detecting(t, "unknown=10/m")
	for range 12 {
		f.want(from(sealed(t, terms{}).status(), "203.0.113.1"), 404, "not-found")
	}
	if n := f.events.count(eventAbuseNoticed); n != 1 || !strings.Contains(f.log.String(), `"event":"abuse","kind":"unknown"`) || strings.Contains(f.log.String(), "203.0.113.1") {
		t.Errorf("published %d times:\n%s", n, f.log)
	}
}
