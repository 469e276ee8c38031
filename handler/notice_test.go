package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/event"
)

// from makes a request come from an address, through a proxy that the world trusts.
func from(r request, address string) request { return r.with("X-Forwarded-For", address) }

func watching(t *testing.T, limits string) *world {
	t.Helper()
	return operators(t, "SSS_ABUSE="+limits, "SSS_TRUSTED_PROXIES=127.0.0.1")
}

// Many addresses on one secret have it held, and no other.
func TestManyAddressesHaveOneSecretHeld(t *testing.T) {
	w := watching(t, "addresses=5/10m")
	s, other := w.send(terms{views: 2}), w.send(terms{})
	for i := range 20 { // strangers without access, whose number tells nothing
		w.want(from(other.status(), fmt.Sprintf("198.51.100.%d", i)).with("Secret-Access", s.access), 404, "not-found")
	}
	for i := range 4 {
		w.want(from(s.status(), fmt.Sprintf("203.0.113.%d", i)), 200, "")
	}
	w.want(from(s.read(keyOf("a")), "203.0.113.1"), 200, "")
	w.want(from(s.status(), "203.0.113.9"), 200, "")
	w.want(s.read(keyOf("b")), 423, "held")
	w.want(other.read(keyOf("a")), 200, "")
	got := w.want(operates(newRequest("GET", "/api/quarantine")), 200, "")
	if !strings.Contains(string(got.body), `"source":"abuse"`) || strings.Contains(string(got.body), `"all"`) {
		t.Errorf("%s", got.body)
	}
}

// A burst of unknown ids from one address is told, and holds nothing.
func TestABurstOfUnknownIDsIsTold(t *testing.T) {
	w := watching(t, "unknown=10/m")
	for range 12 {
		w.want(from(sealed(t, terms{}).status(), "203.0.113.1"), 404, "not-found")
	}
	told := 0
	for _, e := range w.holds.Events.(*event.Memory).Events() {
		if e.Type == abuseNoticed {
			told++
		}
	}
	if told != 1 || !strings.Contains(w.log.String(), `"event":"abuse","kind":"unknown"`) || strings.Contains(w.log.String(), "203.0.113.1") {
		t.Errorf("told %d times:\n%s", told, w.log)
	}
}
