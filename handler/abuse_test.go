package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// from sends a request from an address, through a proxy that the fixture trusts.
func from(r request, address string) request { return r.with("X-Forwarded-For", address) }

// detecting starts a service with these limits of abuse detection.
func detecting(t *testing.T, limits string) *fixture {
	t.Helper()
	return operators(t, "SSS_ABUSE="+limits, "SSS_TRUSTED_PROXIES=127.0.0.1")
}

// Requests from many addresses for one secret freeze it, and no other, until its sender
// unlocks it. The addresses of before the unlock do not freeze it again.
func TestManyAddressesFreezeTheSecret(t *testing.T) {
	f := detecting(t, "addresses=5/10m")
	s, other := f.send(terms{views: 2}), f.send(terms{})
	for i := range 20 { // without access, so they must not count
		f.want(from(other.status(), fmt.Sprintf("198.51.100.%d", i)).with("Secret-Access", s.access), 404, "not-found")
	}
	for i := range 20 { // networks of one customer
		f.want(from(s.status(), fmt.Sprintf("2001:db8:1:%x::1", i)), 200, "")
	}
	for i := range 3 {
		f.want(from(s.status(), fmt.Sprintf("203.0.113.%d", i)), 200, "")
	}
	f.want(from(s.read(keyOf("a")), "203.0.113.1"), 200, "")
	f.want(from(s.status(), "203.0.113.9"), 200, "")
	f.want(s.read(keyOf("b")), 423, "frozen")
	f.want(s.read(keyOf("a")), 200, "") // the lease
	f.want(other.read(keyOf("a")), 200, "")
	if got := f.want(operates(newRequest("GET", "/api/quarantine")), 200, ""); !strings.Contains(string(got.body), `"active":[]`) {
		t.Errorf("a hold was placed: %s", got.body)
	}
	if n := f.events.count("secretsharer.secret.frozen"); n != 1 || !strings.Contains(f.log.String(), `"event":"abuse","kind":"addresses"`) {
		t.Errorf("published %d times:\n%s", n, f.log)
	}
	f.clock.advance(time.Second)
	f.want(s.unlock(keyOf("u")), 204, "")
	f.clock.advance(10*time.Minute - 2*time.Second)
	f.want(from(s.status(), "203.0.113.10"), 200, "")
	f.want(s.read(keyOf("b")), 200, "")
}

// Strangers can cause patterns without end. The responses have a budget for each kind,
// and the rest is only counted.
func TestResponsesToPatternsHaveABudget(t *testing.T) {
	f := detecting(t, "addresses=2/h,unknown=1/h")
	frozen := 0
	for n := range 2 * signRate.Calls {
		s := f.send(terms{})
		f.want(from(s.status(), "203.0.113.1"), 200, "")
		f.want(from(s.status(), "203.0.113.2"), 200, "")
		if got := f.want(s.status(), 200, ""); got.text("state") == "frozen" {
			frozen++
		}
		f.want(from(sealed(t, terms{}).status(), fmt.Sprintf("198.51.100.%d", n)), 404, "not-found")
	}
	noticed := f.events.count(eventAbuseNoticed)
	lines := strings.Count(f.log.String(), `"event":"abuse"`)
	if frozen != signRate.Calls || noticed != signRate.Calls || lines != 2*signRate.Calls {
		t.Errorf("%d were frozen, %d events, %d lines; want %d of each kind", frozen, noticed, lines, signRate.Calls)
	}
	for _, kind := range []string{"addresses", "unknown"} {
		if want := fmt.Sprintf("secretsharer_abuse_total{kind=%q} %d\n", kind, 2*signRate.Calls); !strings.Contains(f.metrics(), want) {
			t.Errorf("the metrics have no %s", want)
		}
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
