//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/handler/internal/host/hosttest"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// hosted starts the deployed directory under the double of the Functions host,
// with Azurite and the double of Key Vault.
func hosted(t *testing.T, settings ...string) (*hosttest.Host, *vaulttest.Server) {
	t.Helper()
	vault := vaulttest.Start(t)
	env := append([]string{
		"SSS_TABLE_URL=" + storetest.OwnAzurite(t), "SSS_VAULT_URL=" + vault.URL, "SSS_ORIGIN=https://secrets.example.com", "SSS_RATE=off",
		"AZURE_CLIENT_ID=3b2f6b4e-0000-4000-8000-000000000001",
	}, vault.Env()...)
	return hosttest.Start(t, dist, append(env, settings...)), vault
}

// TestAHostedSecretIsHandedOverOnce runs a secret's whole life under the host.
func TestAHostedSecretIsHandedOverOnce(t *testing.T) {
	h, vault := hosted(t)
	c, ctx := dial(t, h.URL()), t.Context()
	s, err := send(ctx, c, "over the host", "pass phrase", 1)
	if err != nil {
		t.Fatal(err)
	}
	status, err := c.Status(ctx, s.link)
	if err != nil || status.State != "live" || !status.Passphrase || status.ViewsLeft != 1 {
		t.Fatalf("status %+v: %v", status, err)
	}
	guess, err := s.link.Keys("another")
	if err != nil {
		t.Fatal(err)
	}
	var problem *client.Problem
	if _, err := c.Read(ctx, guess, newKey()); !errors.As(err, &problem) || problem.TriesLeft == nil || *problem.TriesLeft != 9 {
		t.Fatalf("a wrong passphrase: %v", err)
	}
	key := newKey()
	for range 2 { // the second time as if the answer had been lost
		if err := s.open(ctx, c, key); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.open(ctx, c, newKey()); !errors.Is(err, client.ErrGone) {
		t.Errorf("a second reader: %v", err)
	}
	for range 2 {
		if err := c.Ack(ctx, s.keys, key); err != nil {
			t.Error(err)
		}
	}
	receipt, err := c.Receipt(ctx, s.manage)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, e := range receipt.Events {
		events = append(events, e.Event)
	}
	if got := strings.Join(events, " "); got != "created refused read acked" || receipt.State != "read" {
		t.Errorf("receipt in state %s: %s", receipt.State, got)
	}
	if n := vault.Requests("unwrap"); n != 1 {
		t.Errorf("%d unwraps for one lease", n)
	}
}

func TestHostedTimersRun(t *testing.T) {
	h, vault := hosted(t)
	for _, name := range []string{"rotate", "purge", "rotate"} {
		if err := h.Trigger(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	week := week.Of(time.Now())
	if names := vault.Names(); len(names) < 5 || len(names) > 6 || !strings.Contains(strings.Join(names, " "), "kek-"+string(week)) {
		t.Errorf("keys for the weeks of the next 30 days: %s", names)
	}
	for _, path := range []string{"/purge", "/api/purge"} {
		if testkit.Answers(h.URL() + path) {
			t.Errorf("%s can be called from outside", path)
		}
	}
}

// TestKillsOfAHostedHandlerLoseNothing kills the handler under load, as the host does.
func TestKillsOfAHostedHandlerLoseNothing(t *testing.T) {
	h, _ := hosted(t)
	c := dial(t, h.URL())
	const workers = 8
	handed, n := make(chan error), storetest.Rounds(40, 400)
	for worker := range workers {
		go func() {
			for i := range n / workers {
				handed <- handOver(t.Context(), c, fmt.Sprintf("secret %d of worker %d", i, worker))
			}
		}()
	}
	for done := range n {
		if err := <-handed; err != nil {
			t.Error(err)
		}
		if done == n/4 || done == n/2 { // a third one would stop the host
			h.Kill()
		}
	}
}

// handOver sends a secret, opens it twice as a reader whose first answer was lost,
// and checks that no other reader gets it.
func handOver(ctx context.Context, c *client.Client, text string) error {
	s, err := send(ctx, c, text, "", 1)
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	key := newKey()
	for range 2 {
		if err := s.open(ctx, c, key); err != nil {
			return fmt.Errorf("open: %w", err)
		}
	}
	if err := s.open(ctx, c, newKey()); !errors.Is(err, client.ErrGone) {
		return fmt.Errorf("another reader: %w", err)
	}
	if err := c.Ack(ctx, s.keys, key); err != nil {
		return fmt.Errorf("ack: %w", err)
	}
	return nil
}

// TestAFailingVaultTakesNoView disables a key, fails some calls, and deletes a key and recovers it.
func TestAFailingVaultTakesNoView(t *testing.T) {
	h, vault := hosted(t)
	c, ctx := dial(t, h.URL()), t.Context()
	s, err := send(ctx, c, "kept during an outage", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	week := "kek-" + string(week.Of(s.expires()))
	vault.Disable(week)
	if _, status := readOnce(ctx, h.URL(), s); status != http.StatusServiceUnavailable {
		t.Errorf("with its key disabled: status %d", status)
	}
	vault.Enable(week)
	vault.Fail("unwrap", 500, 6)
	if err := s.open(ctx, c, newKey()); err != nil {
		t.Errorf("after the outage: %v", err)
	}
	if s, err = send(ctx, c, "its key was deleted", "", 1); err != nil {
		t.Fatal(err)
	}
	vault.Delete(week)
	if _, status := readOnce(ctx, h.URL(), s); status != http.StatusServiceUnavailable {
		t.Errorf("with its key deleted: status %d", status)
	}
	vault.Recover(week)
	if err := s.open(ctx, c, newKey()); err != nil {
		t.Errorf("after the key was recovered: %v", err)
	}
}
