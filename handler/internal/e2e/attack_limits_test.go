//go:build e2e && attack

package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// TestAttackOtherReadersOfAnAddress claims wrongly on own secrets, from an address
// that others share. They read.
func TestAttackOtherReadersOfAnAddress(t *testing.T) {
	p := standalone(t, proxied, "SSS_RATE=5/m")
	own := stored(t, p.url, "of the attacker", "a passphrase", 1)
	leased, key := stored(t, p.url, "taken before", "another", 1), newKey()
	shared := callers(p.url, 1, 1)[0]
	if got := shared.read(t.Context(), leased, key); got.status != http.StatusOK {
		t.Fatalf("read: %d %s", got.status, got.body)
	}
	for i := range 200 {
		shared.guess(t.Context(), own, i%2) // two distinct claims, so that nothing freezes
	}
	if got := shared.read(t.Context(), stored(t, p.url, "guarded", "another", 1), newKey()); got.status != http.StatusOK {
		t.Errorf("a reader of the same address with a passphrase: %d %s", got.status, got.body)
	}
	refused := 0
	for range 8 { // each on another secret, until the address is refused guesses
		if got := shared.guess(t.Context(), stored(t, p.url, "of the attacker", "a passphrase", 1), 1); got.status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("nobody limits an address that guesses on many secrets")
	}
	if got := shared.read(t.Context(), stored(t, p.url, "without a passphrase", "", 1), newKey()); got.status != http.StatusOK {
		t.Errorf("a reader of the same address without a passphrase: %d %s", got.status, got.body)
	}
	if got := shared.read(t.Context(), leased, key); got.status != http.StatusOK {
		t.Errorf("the reader of a view who repeats: %d %s", got.status, got.body)
	}
}

// TestAttackByGuessing guesses one passphrase from ever new addresses: the row freezes.
func TestAttackByGuessing(t *testing.T) {
	p := standalone(t, proxied, "SSS_RATE=20/m")
	s := stored(t, p.url, "guarded", "a passphrase", 1)
	judged := 0
	for i, c := range callers(p.url, 1, 40) {
		if got := c.guess(t.Context(), s, i); got.status == http.StatusForbidden {
			judged++
		}
	}
	if judged != 10 {
		t.Errorf("%d guesses are judged, want 10", judged)
	}
}

// TestAttackCreatesUnderTheHost counts creates by client address where nothing in
// front does.
func TestAttackCreatesUnderTheHost(t *testing.T) {
	h, _ := hosted(t, "SSS_RATE=20/m")
	statuses := map[int]int{}
	c := callers(h.URL(), 1, 1)[0]
	for range 40 {
		s, err := seal(h.URL(), "many", "", 1)
		if err != nil {
			t.Fatal(err)
		}
		statuses[c.create(t.Context(), s).status]++
	}
	t.Logf("40 creates of one address: %v by status", statuses)
	if statuses[http.StatusCreated] > 25 || statuses[http.StatusTooManyRequests] == 0 {
		t.Error("creates of one address are not limited")
	}
}

// TestAttackTheStoreByLifetime creates large secrets that live long, from one
// address: they occupy no more than its share, and others create.
func TestAttackTheStoreByLifetime(t *testing.T) {
	p := standalone(t, proxied, "SSS_ADDRESS_BYTES=4MiB")
	all := callers(p.url, 1, 2)
	taken, refused := 0, reply{}
	for range 20 {
		s, err := sealFor(719*time.Hour, p.url, strings.Repeat("x", large), "", 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := all[0].create(t.Context(), s); got.status == http.StatusCreated {
			taken += len(s.sealed)
		} else {
			refused = got
		}
	}
	if taken > 5<<20 || refused.status != http.StatusTooManyRequests {
		t.Errorf("one address stores %d MiB for a month, with 4 MiB as its share; then: %d %s", taken>>20, refused.status, refused.body)
	}
	s, err := sealFor(719*time.Hour, p.url, strings.Repeat("x", large), "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := all[1].create(t.Context(), s); got.status != http.StatusCreated {
		t.Errorf("another address: %d %s", got.status, got.body)
	}
}

// TestAttackAFullStore fills the store with large secrets. Small ones that are soon
// over are still taken, until it is full for them, too. Then readiness says so and
// the sender is told; reads go on.
func TestAttackAFullStore(t *testing.T) {
	p := standalone(t, proxied, "SSS_STORE_LIMIT=8MiB")
	before := stored(t, p.url, "stored before", "", 1)
	c := callers(p.url, 1, 1)[0]
	// fill creates until the store refuses, and returns how many it took.
	fill := func(characters int, ttl time.Duration) (taken int) {
		for ; taken < 1000; taken++ {
			s, err := sealFor(ttl, p.url, strings.Repeat("x", characters), "", 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.create(t.Context(), s); got.status == http.StatusInsufficientStorage && got.problem() == "full" {
				break
			} else if got.status != http.StatusCreated {
				t.Fatalf("a create: %d %s", got.status, got.body)
			}
		}
		return taken
	}
	if n := fill(large, time.Hour); n == 0 || n > 8 {
		t.Errorf("%d large secrets of 860 KB in 8 MiB", n)
	}
	if n := fill(10, 700*time.Hour); n != 0 {
		t.Errorf("then %d secrets that live long", n)
	}
	if n := fill(10_000, time.Hour); n < 10 {
		t.Errorf("then %d small secrets", n)
	}
	testkit.Await(t, "readiness that says full", func() bool {
		ready := c.call(t.Context(), http.MethodGet, "/api/health?ready=1", nil, nil)
		var health struct{ Checks map[string]string }
		return ready.status == http.StatusServiceUnavailable && json.Unmarshal(ready.body, &health) == nil && health.Checks["store"] == "full"
	})
	if !testkit.Answers(p.url + "/api/health") {
		t.Error("it is not healthy")
	}
	in(t, "read", func(ctx context.Context) error { return before.open(ctx, dial(t, p.url), newKey()) })
	if _, stderr, code := sss(t, p.url, nil, strings.Repeat("x", large), "send"); code == 0 || !strings.Contains(stderr, "room") && !strings.Contains(stderr, "full") {
		t.Errorf("sss send exits with %d: %s", code, stderr)
	}
}

// TestAttackIDsOfOthers creates with ids that exist: the answer comes no earlier than
// that for an id that is not known to a reader.
func TestAttackIDsOfOthers(t *testing.T) {
	p := standalone(t, proxied)
	own := stored(t, p.url, "of somebody else", "", 1)
	other, err := seal(p.url, "of the attacker", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	forged := *other
	forged.sealed = append(append([]byte{}, own.sealed[:36]...), other.sealed[36:]...)
	got := callers(p.url, 1, 1)[0].create(t.Context(), &forged)
	if got.status != http.StatusConflict || got.took < 100*time.Millisecond {
		t.Errorf("%d after %v, want 409 after 100 ms: %s", got.status, got.took, got.body)
	}
}

// TestAttackByUnlocking guesses with the manage link in hand: unlocks are counted.
func TestAttackByUnlocking(t *testing.T) {
	p := standalone(t, proxied)
	s := stored(t, p.url, "guarded", "a passphrase", 1)
	c := callers(p.url, 1, 1)[0]
	judged, unlocked := 0, 0
	for range 15 {
		for range 10 {
			if got := c.guess(t.Context(), s, judged); got.status == http.StatusForbidden {
				judged++
			}
		}
		if got := c.call(t.Context(), http.MethodPost, s.path("/unlock"), s.proofs(newKey()), nil); got.status == http.StatusNoContent || got.status == http.StatusOK {
			unlocked++
		}
	}
	t.Logf("%d guesses, %d unlocks", judged, unlocked)
	if unlocked != 10 || judged != 110 {
		t.Errorf("%d guesses are judged and %d unlocks accepted, want 110 and 10", judged, unlocked)
	}
	var frozen struct{ State string }
	if got := c.status(t.Context(), s); json.Unmarshal(got.body, &frozen) != nil || frozen.State != "frozen" {
		t.Errorf("status: %s", got.body)
	}
}
