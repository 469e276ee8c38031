//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

const (
	ourVault   = "/subscriptions/3b2f6b4e-0000-4000-8000-000000000001/resourceGroups/secrets/providers/Microsoft.KeyVault/vaults/secrets"
	drillAlert = `{"VendorName":"Microsoft","AlertType":"KV_SuspiciousIPAccess","Severity":"Medium","Status":"Active","SystemAlertId":"2518000000000000000_drill",
		"AlertDisplayName":"Access from a suspicious IP address to a key vault","AzureResourceId":"` + ourVault + `","CompromisedEntity":"secrets"}`
)

// TestDrill is run by make drill: an alert freezes all secrets, a release frees
// them, and none is lost. It prints the timeline.
func TestDrill(t *testing.T) {
	p := standalone(t, "SSS_RESOURCES="+ourVault)
	c, n := dial(t, p.url), storetest.Rounds(500, 10_000)
	begun := time.Now()
	say := func(format string, args ...any) {
		t.Logf("%9.3f s  %s", time.Since(begun).Seconds(), fmt.Sprintf(format, args...))
	}
	all := make([]*sent, n)
	each(t, n, func(ctx context.Context, i int) (err error) {
		all[i], err = send(ctx, c, fmt.Sprintf("secret %d", i), "", 1)
		return err
	})
	say("%d secrets created", n)

	key := newKey()
	refused := watchReads(t, p.url, all[0], key)
	alerted := time.Now()
	hold := quarantine(t, p, drillAlert)
	say("alert -> hold: answered after %s; every request that begins from now on is refused", time.Since(alerted).Round(100*time.Microsecond))
	say("first refused read: %s after the alert", (<-refused).Sub(alerted).Round(100*time.Microsecond))
	each(t, 500-1, func(ctx context.Context, i int) error {
		if _, status := readOnce(ctx, p.url, all[i+1]); status != http.StatusLocked {
			return fmt.Errorf("status %d for a read during the hold", status)
		}
		return nil
	})
	if _, err := send(t.Context(), c, "during the hold", "", 1); !errors.Is(err, client.ErrHeld) {
		t.Errorf("a create during the hold: %v", err)
	}
	say("reads and creates are refused")

	release(t, p, hold)
	say("released")
	if err := all[0].open(t.Context(), c, key); err != nil {
		t.Errorf("a reader who took the view before the hold and lost the answer: %v", err)
	}
	each(t, n-1, func(ctx context.Context, i int) error { return all[i+1].open(ctx, c, newKey()) })
	say("all %d secrets were read: none was lost", n)
}

// each calls do with 0 to n-1, 32 at a time, and fails the test with the first error.
func each(t *testing.T, n int, do func(ctx context.Context, i int) error) {
	t.Helper()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(32)
	for i := range n {
		group.Go(func() error {
			if err := do(ctx, i); err != nil {
				return fmt.Errorf("secret %d: %w", i, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// watchReads repeats a read with one key, as if each answer had been lost, until
// it is refused, and sends that time. It returns after the first answer.
func watchReads(t *testing.T, url string, s *sent, key client.Key) <-chan time.Time {
	t.Helper()
	if status := readAs(t.Context(), url, s, key); status != http.StatusOK {
		t.Fatalf("status %d for a read before the hold", status)
	}
	at := make(chan time.Time, 1)
	go func() {
		for readAs(t.Context(), url, s, key) == http.StatusOK {
		}
		at <- time.Now()
	}()
	return at
}

// adminKey returns the operator's key that the process generated.
func (p *process) adminKey(t *testing.T) string {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(p.data, "admin.key"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(key))
}

// operate makes an operator's call and returns its status and body.
func operate(t *testing.T, url, key, method, path, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Secret-Admin", key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// quarantine posts an alert or a request and returns the id of the hold that it placed.
func quarantine(t *testing.T, p *process, body string) (hold string) {
	t.Helper()
	status, answer := operate(t, p.url, p.adminKey(t), http.MethodPost, "/api/quarantine", body)
	var placed struct {
		Hold struct {
			ID string `json:"id"`
		} `json:"hold"`
	}
	if err := json.Unmarshal([]byte(answer), &placed); err != nil || status != http.StatusCreated || placed.Hold.ID == "" {
		t.Fatalf("quarantine: %d %s", status, answer)
	}
	return placed.Hold.ID
}

func release(t *testing.T, p *process, hold string) {
	t.Helper()
	if status, answer := operate(t, p.url, p.adminKey(t), http.MethodDelete, "/api/quarantine/"+hold+"?reason=drill", ""); status != http.StatusOK {
		t.Fatalf("release: %d %s", status, answer)
	}
}
