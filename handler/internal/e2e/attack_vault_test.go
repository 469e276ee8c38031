//go:build e2e && attack

package e2e

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
)

// withVault starts a service on one machine with the double of Key Vault.
func withVault(t *testing.T, settings ...string) (*process, *vaulttest.Server) {
	t.Helper()
	vault := vaulttest.Start(t)
	return standalone(t, append(append(vault.Env(), "SSS_VAULT_URL="+vault.URL, proxied), settings...)...), vault
}

// expectUnwraps checks how often the vault unwrapped a key.
func expectUnwraps(t *testing.T, vault *vaulttest.Server, most int) {
	t.Helper()
	n := vault.Requests(vaulttest.Unwrap)
	t.Logf("%d unwraps", n)
	if n == 0 || n > most {
		t.Errorf("%d unwraps at the vault, want at most %d", n, most)
	}
}

// TestAttackVaultByOneLease repeats the read of one lease for seconds.
func TestAttackVaultByOneLease(t *testing.T) {
	p, _ := withVault(t)
	s, key := stored(t, p.url, "taken once", "", 1), newKey()
	clients := callers(p.url, 1, 16)
	var mu sync.Mutex
	answers := map[int]int{}
	during(t, long(), times(len(clients), func(i int) func(context.Context) {
		return func(ctx context.Context) {
			got := clients[i].read(ctx, s, key)
			mu.Lock()
			answers[got.status]++
			mu.Unlock()
		}
	}), honestly(t, p.url))
	t.Logf("answers by status: %v", answers)
	if answers[http.StatusOK] > 40 || answers[http.StatusTooManyRequests] == 0 {
		t.Error("the repeats of one lease are not limited")
	}
}

// TestAttackVaultUnwrapsOncePerLease counts unwraps without other readers.
func TestAttackVaultUnwrapsOncePerLease(t *testing.T) {
	p, vault := withVault(t)
	s, key := stored(t, p.url, "taken once", "", 1), newKey()
	clients := callers(p.url, 1, 16)
	attack := times(len(clients), func(i int) func(context.Context) {
		return func(ctx context.Context) { clients[i].read(ctx, s, key) }
	})
	during(t, long()/2, attack[1:], attack[0])
	expectUnwraps(t, vault, 1)
}

// TestAttackVaultByAnOutage repeats the read of one lease while the vault throttles.
// When the vault is back, others are served.
func TestAttackVaultByAnOutage(t *testing.T) {
	p, vault := withVault(t)
	own, other := stored(t, p.url, "of the attacker", "", 1), stored(t, p.url, "of somebody else", "", 1)
	vault.Fail(vaulttest.Unwrap, http.StatusTooManyRequests, 1<<30)
	clients, key := callers(p.url, 1, 16), newKey()
	attack := times(len(clients), func(i int) func(context.Context) {
		return func(ctx context.Context) { clients[i].read(ctx, own, key) }
	})
	during(t, long()/2, attack[1:], attack[0])
	calls := vault.Requests(vaulttest.Unwrap)
	t.Logf("%d calls of the vault", calls)
	if calls > 150 {
		t.Errorf("16 connections have a throttled vault called %d times", calls)
	}
	vault.Reset()
	in(t, "read", func(ctx context.Context) error { return other.open(ctx, dial(t, p.url), newKey()) })
}

// TestAttackVaultByManyReadersOfOneLink has 60 readers open a link with 100 views at once.
func TestAttackVaultByManyReadersOfOneLink(t *testing.T) {
	const readers = 60
	p, vault := withVault(t)
	s := stored(t, p.url, "posted to a channel", "", 100)
	answers := map[int]int{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, c := range callers(p.url, 1, readers) {
		group.Go(func() {
			got := c.read(t.Context(), s, newKey())
			mu.Lock()
			answers[got.status]++
			mu.Unlock()
		})
	}
	group.Wait()
	t.Logf("answers by status: %v", answers)
	if answers[http.StatusOK] != readers {
		t.Errorf("answers by status: %v, want %d times 200", answers, readers)
	}
	expectUnwraps(t, vault, 1)
}
