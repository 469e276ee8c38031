//go:build e2e && attack

package e2e

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// TestAttackByGuessing guesses one passphrase from ever new addresses: the row freezes.
func TestAttackByGuessing(t *testing.T) {
	p := standalone(t, proxied, "SSS_RATE=20/m")
	s := stored(t, p.url, "guarded", "a passphrase", 1)
	judged := 0
	for i, c := range callers(t, p.url, 1, 40) {
		if got := c.guess(t.Context(), s, i); got.status == http.StatusForbidden {
			judged++
		}
	}
	if judged != 10 {
		t.Errorf("%d guesses are judged, want 10", judged)
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
	got := callers(t, p.url, 1, 1)[0].create(t, &forged)
	if got.status != http.StatusConflict || got.took < 100*time.Millisecond {
		t.Errorf("%d after %v, want 409 after 100 ms: %s", got.status, got.took, got.body)
	}
}

// TestAttackByUnlocking guesses with the manage link in hand: unlocks are counted.
func TestAttackByUnlocking(t *testing.T) {
	p := standalone(t, proxied)
	s := stored(t, p.url, "guarded", "a passphrase", 1)
	c := callers(t, p.url, 1, 1)[0]
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
