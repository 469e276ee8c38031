//go:build e2e && attack

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
)

// rate returns how many calls of status one honest client gets answered in a second.
func rate(t testing.TB, c *caller, s *sent) float64 {
	t.Helper()
	const calls = 300
	begun := time.Now()
	for range calls {
		if got := c.status(t.Context(), s); got.status != http.StatusOK {
			t.Fatalf("an honest status: %d %s", got.status, got.body)
		}
	}
	return calls / time.Since(begun).Seconds()
}

// beside returns the rate of an honest client while attackers call.
func beside(t *testing.T, c *caller, s *sent, attackers []func(context.Context)) float64 {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for _, attack := range attackers {
		group.Go(func() {
			for ctx.Err() == nil {
				attack(ctx)
			}
		})
	}
	got := rate(t, c, s)
	cancel()
	group.Wait()
	return got
}

// TestAttackReceipts asks for receipts of unknown ids where 1,500 holds are past. That
// costs others no more than where there is none.
func TestAttackReceipts(t *testing.T) {
	const past = 1500
	empty, full := standalone(t, proxied), standalone(t, proxied)
	key := full.adminKey(t)
	each(t, past, func(_ context.Context, i int) error {
		body := fmt.Sprintf(`{"scope":{"kind":"id","id":"%032d"},"modes":["block-read"],"reason":"attack"}`, i)
		var placed struct{ Hold struct{ ID string } }
		status, answer := operate(t, full.url, key, http.MethodPost, "/api/quarantine", body)
		if err := json.Unmarshal([]byte(answer), &placed); err != nil || status != http.StatusCreated {
			return fmt.Errorf("hold: %d %s", status, answer)
		}
		if status, answer := operate(t, full.url, key, http.MethodDelete, "/api/quarantine/"+placed.Hold.ID+"?reason=over", ""); status != http.StatusOK {
			return fmt.Errorf("release: %d %s", status, answer)
		}
		return nil
	})
	var rates [2]float64
	for range 2 {
		for i, p := range []*process{empty, full} {
			clients := callers(p.url, 1, 33)
			s := stored(t, p.url, "honest", "", 1)
			attack := times(32, func(i int) func(context.Context) {
				return func(ctx context.Context) {
					clients[i].call(ctx, http.MethodGet, "/api/secrets/"+strings.Repeat("0", 32)+"/receipt", s.wrong("Secret-Manage", newKey(), i), nil)
				}
			})
			rates[i] += beside(t, clients[32], s, attack)
		}
	}
	t.Logf("honest calls a second under the attack: %.0f without past holds, %.0f with %d", rates[0]/2, rates[1]/2, past)
	if rates[1] < rates[0]/3 {
		t.Error("strangers have past holds read")
	}
}

// TestAttackAbuseRules triggers the rule against many addresses on own secrets. It
// places no hold, others do not notice, and the sender unlocks.
func TestAttackAbuseRules(t *testing.T) {
	const addresses = 20
	secrets := 400
	if testing.Short() {
		secrets = 100
	}
	p := standalone(t, proxied, "SSS_ABUSE=addresses=20/10m")
	honest := callers(p.url, 2, 1)[0]
	other := stored(t, p.url, "honest", "", 1)
	before := rate(t, honest, other)
	own := make([]*sent, secrets)
	clients := callers(p.url, 1, addresses)
	each(t, secrets, func(ctx context.Context, i int) (err error) {
		if own[i], err = seal(p.url, "of the attacker", "", 1); err != nil {
			return err
		}
		if got := clients[i%addresses].create(t.Context(), own[i]); got.status != http.StatusCreated {
			return fmt.Errorf("create: %d %s", got.status, got.body)
		}
		for _, c := range clients {
			c.status(ctx, own[i])
		}
		return nil
	})
	frozen := 0
	for _, s := range own {
		var answer struct{ State string }
		if got := clients[0].status(t.Context(), s); json.Unmarshal(got.body, &answer) != nil {
			t.Fatalf("status: %d %s", got.status, got.body)
		}
		if answer.State == "frozen" {
			frozen++
		}
	}
	after := rate(t, honest, other)
	t.Logf("%d of %d secrets are frozen; honest calls a second: %.0f before, %.0f after", frozen, secrets, before, after)
	if after < before/3 {
		t.Error("others pay for it")
	}
	if frozen == 0 || frozen > 20 {
		t.Errorf("%d secrets are frozen, want 10 a minute", frozen)
	}
	if status, answer := operate(t, p.url, p.adminKey(t), http.MethodGet, "/api/quarantine", ""); status != http.StatusOK || strings.Contains(answer, `"source":"abuse"`) {
		t.Errorf("holds: %d %.300s", status, answer)
	}
	for _, s := range own[:3] {
		if got := clients[0].call(t.Context(), http.MethodPost, s.path("/unlock"), s.proofs(newKey()), nil); got.status >= 300 {
			t.Errorf("unlock: %d %s", got.status, got.body)
		}
		if got := honest.read(t.Context(), s, newKey()); got.status != http.StatusOK {
			t.Errorf("read after unlock: %d %s", got.status, got.body)
		}
	}
}

// TestAttackListOfHolds places more holds than a page has: the operator gets them all.
func TestAttackListOfHolds(t *testing.T) {
	const holds = 250
	p := standalone(t)
	key := p.adminKey(t)
	each(t, holds, func(_ context.Context, i int) error {
		body := fmt.Sprintf(`{"scope":{"kind":"id","id":"%032d"},"modes":["block-read"],"reason":"attack"}`, i)
		if status, answer := operate(t, p.url, key, http.MethodPost, "/api/quarantine", body); status != http.StatusCreated {
			return fmt.Errorf("hold: %d %s", status, answer)
		}
		return nil
	})
	status, answer := operate(t, p.url, key, http.MethodGet, "/api/quarantine", "")
	var page struct {
		Active []struct{ ID string }
		Next   string
	}
	if err := json.Unmarshal([]byte(answer), &page); err != nil || status != http.StatusOK || len(page.Active) > 100 || page.Next == "" {
		t.Errorf("the first page has %d holds, next %q: %d", len(page.Active), page.Next, status)
	}
	stdout, stderr, code := sss(t, p.url, []string{"SSS_ADMIN_KEY=" + key}, "", "holds", "--json", "--admin-key-file", p.data+"/admin.key")
	if n := strings.Count(stdout, `"reason": "attack"`); code != 0 || n != holds {
		t.Errorf("sss holds lists %d of %d holds and exits with %d: %s", n, holds, code, stderr)
	}
}

// TestAttackEvents has strangers make operators' calls without end. The events of
// secrets arrive none the less.
func TestAttackEvents(t *testing.T) {
	const secrets = 40
	bus := bustest.Start(t, bustest.Options{})
	p := standalone(t, proxied, "SSS_SERVICEBUS="+bus.Namespace())
	clients := callers(p.url, 1, 32)
	made := 0
	during(t, long()/2, times(len(clients), func(i int) func(context.Context) {
		return func(ctx context.Context) { clients[i].call(ctx, http.MethodGet, "/api/quarantine", nil, nil) }
	}), func(context.Context) {
		if made < secrets {
			stored(t, p.url, "honest", "", 1)
			made++
		}
	})
	created := 0
	bus.Events(t, func(all []*azservicebus.ReceivedMessage) bool {
		created = 0
		for _, m := range all {
			if m.ApplicationProperties["cloudEvents:type"] == "secretsharer.secret.created" {
				created++
			}
		}
		return created >= made
	})
	t.Logf("events of %d of %d secrets", created, made)
}
