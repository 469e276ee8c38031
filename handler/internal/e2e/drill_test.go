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
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

const (
	ourVault   = "/subscriptions/3b2f6b4e-0000-4000-8000-000000000001/resourceGroups/secrets/providers/Microsoft.KeyVault/vaults/secrets"
	drillAlert = `{"VendorName":"Microsoft","AlertType":"KV_SuspiciousIPAccess","Severity":"Medium","Status":"Active","SystemAlertId":"2518000000000000000_drill",
		"AlertDisplayName":"Access from a suspicious IP address to a key vault","AzureResourceId":"` + ourVault + `","CompromisedEntity":"secrets"}`
)

// TestDrill is what make drill runs: an alert freezes all secrets, a release
// gives all of them back. It prints the timeline.
func TestDrill(t *testing.T) {
	p := standalone(t, "SSS_RESOURCES="+ourVault)
	c, n := dial(t, p.url), storetest.Rounds(500, 10_000)
	begun := time.Now()
	say := func(what string, args ...any) {
		t.Logf("%9.3f s  %s", time.Since(begun).Seconds(), fmt.Sprintf(what, args...))
	}
	all := make([]*sent, n)
	each(t, n, func(ctx context.Context, i int) (err error) {
		all[i], err = send(ctx, c, fmt.Sprintf("secret %d", i), "", 1)
		return err
	})
	say("%d secrets stand", n)

	key := newKey()
	refused := watchReads(t, p.url, all[0], key)
	alerted := time.Now()
	hold := quarantine(t, p, drillAlert)
	say("alert -> hold: answered after %s; it acts on every request that begins now", time.Since(alerted).Round(100*time.Microsecond))
	say("first refused read: %s after the alert", (<-refused).Sub(alerted).Round(100*time.Microsecond))
	each(t, 500-1, func(ctx context.Context, i int) error {
		if _, status := readOnce(ctx, p.url, all[i+1]); status != http.StatusLocked {
			return fmt.Errorf("a read in the hold is answered %d", status)
		}
		return nil
	})
	if _, err := send(t.Context(), c, "in the hold", "", 1); !errors.Is(err, client.ErrHeld) {
		t.Errorf("a create in the hold: %v", err)
	}
	say("reads and creates are refused")

	release(t, p, hold)
	say("released")
	if err := all[0].open(t.Context(), c, key); err != nil {
		t.Errorf("a reader who had the view before the hold, and lost the answer: %v", err)
	}
	each(t, n-1, func(ctx context.Context, i int) error { return all[i+1].open(ctx, c, newKey()) })
	say("all %d secrets were read: none was lost", n)
}

// each calls do for 0 to n-1, several side by side, and fails the test where it fails.
func each(t *testing.T, n int, do func(ctx context.Context, i int) error) {
	t.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if err := do(t.Context(), int(i)); err != nil {
					t.Errorf("secret %d: %v", i, err)
				}
			}
		})
	}
	if group.Wait(); t.Failed() {
		t.FailNow()
	}
}

// watchReads reads again and again under one key, as if each answer had been
// lost, and tells when it was refused. It returns once the first read was answered.
func watchReads(t *testing.T, url string, s *sent, key client.Key) <-chan time.Time {
	t.Helper()
	if status := readAs(t.Context(), url, s, key); status != http.StatusOK {
		t.Fatalf("a read before the hold is answered %d", status)
	}
	at := make(chan time.Time, 1)
	go func() {
		for readAs(t.Context(), url, s, key) == http.StatusOK {
		}
		at <- time.Now()
	}()
	return at
}

// adminKey returns the operator's key that the process has made.
func (p *process) adminKey(t *testing.T) string {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(p.data(), "admin.key"))
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

// quarantine posts an alert or a request, and returns the id of the hold that it set.
func quarantine(t *testing.T, p *process, body string) (hold string) {
	t.Helper()
	status, answer := operate(t, p.url, p.adminKey(t), http.MethodPost, "/api/quarantine", body)
	var set struct {
		Hold struct {
			ID string `json:"id"`
		} `json:"hold"`
	}
	if err := json.Unmarshal([]byte(answer), &set); err != nil || status != http.StatusCreated || set.Hold.ID == "" {
		t.Fatalf("quarantine: %d %s", status, answer)
	}
	return set.Hold.ID
}

func release(t *testing.T, p *process, hold string) {
	t.Helper()
	if status, answer := operate(t, p.url, p.adminKey(t), http.MethodDelete, "/api/quarantine/"+hold+"?reason=drill", ""); status != http.StatusOK {
		t.Fatalf("release: %d %s", status, answer)
	}
}
