package main

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
)

// operatorsKey is the operators' key in these tests.
const operatorsKey = "an operator's key"

// operators starts a service with an operators' key and a configured resource.
func operators(t *testing.T, environ ...string) *fixture {
	t.Helper()
	return newFixture(t, append([]string{"SSS_ADMIN_KEYS=" + hexHash(operatorsKey), "SSS_RESOURCES=" + ourVault}, environ...)...)
}

// operates adds the operators' key to a request.
func operates(r request) request { return r.with("Secret-Admin", operatorsKey) }

// holds returns a request for a hold with a JSON body.
func holds(body string) request {
	r := operates(newRequest("POST", "/api/quarantine", "Content-Type", "application/json"))
	r.body = body
	return r
}

func operatorsCalls() map[string]request {
	return map[string]request{
		"quarantine": holds(`{"scope":{"kind":"all"},"modes":["block-read"],"reason":"drill"}`),
		"holds":      operates(newRequest("GET", "/api/quarantine")),
		"release":    operates(newRequest("DELETE", "/api/quarantine/"+strings.Repeat("0", 32)+"?reason=drill")),
	}
}

// Without an operator's key nobody learns anything about holds, not even whether a body is valid.
func TestHoldsNeedAnOperatorsKey(t *testing.T) {
	f := operators(t)
	f.want(operatorsCalls()["quarantine"], 201, "")
	for name, r := range operatorsCalls() {
		f.want(r.without("Secret-Admin"), 401, "unauthorized")
		f.want(r.with("Secret-Admin", "another"), 403, "forbidden")
		f.want(r.with("Secret-Admin", hexHash(operatorsKey)), 403, "forbidden")
		f.wantField(r.adding("Secret-Admin", operatorsKey), "Secret-Admin")
		f.want(r.without("Secret-Admin").with("X-MS-CLIENT-PRINCIPAL", principalOf("aad", "Secrets.Operate")), 401, "unauthorized")
		r.body = "{"
		r.path, _, _ = strings.Cut(r.path, "?")
		f.want(r.to(r.path+"?reason=a&reason=b&next=a&next=b").without("Secret-Admin"), 401, "unauthorized")
		if t.Failed() {
			t.Fatalf("%s admits others", name)
		}
	}
	const refused = "secretsharer.operator.refused"
	if n := f.events.count(refused); n != 1 {
		t.Errorf("%d refusals were published in one minute", n)
	}
	f.clock.advance(time.Minute)
	f.want(operatorsCalls()["holds"].without("Secret-Admin"), 401, "unauthorized")
	if n := f.events.count(refused); n != 2 {
		t.Errorf("%d refusals were published in two minutes", n)
	}
}

// principalOf returns the header that App Service authentication sets.
func principalOf(kind string, roles ...string) string {
	type claim map[string]string
	claims := []claim{{"typ": "name", "val": "Somebody"}}
	for _, r := range roles {
		claims = append(claims, claim{"typ": "roles", "val": r})
	}
	data, err := json.Marshal(map[string]any{"auth_typ": kind, "role_typ": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role", "claims": claims})
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(data)
}

func TestOperatorsMaySignInWithTheirRole(t *testing.T) {
	cfg := testConfig(t)
	cfg.Entra = true // which the settings admit only under the host
	f := startFixture(t, cfg)
	r := operatorsCalls()["holds"].without("Secret-Admin")
	for header, status := range map[string]int{
		principalOf("aad", "Secrets.Operate"): 200, principalOf("aad", "Other", "Secrets.Operate"): 200,
		principalOf("aad", "Secrets.Operate.Not"): 403, principalOf("aad"): 403, principalOf("google", "Secrets.Operate"): 401, "": 401, "e30": 401,
	} {
		if got := f.exchange(r.with("X-MS-CLIENT-PRINCIPAL", header)); got.status != status {
			t.Errorf("%q: %d, want %d", header, got.status, status)
		}
	}
}

// The first start makes the operators' key of the machine; later starts keep it.
func TestFirstStartMakesTheAdminKey(t *testing.T) {
	cfg := testConfig(t)
	f := startFixture(t, cfg)
	path := filepath.Join(cfg.Data, "admin.key")
	key, err := os.ReadFile(path)
	if err != nil || len(key) != 44 {
		t.Fatalf("%d bytes: %v", len(key), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: %v", info.Mode(), err)
	}
	f.want(operatorsCalls()["holds"].with("Secret-Admin", strings.TrimSpace(string(key))), 200, "")
	again, err := openAdminKey(cfg.Data, owned.Private)
	if err != nil || again != config.Hash(strings.TrimSpace(string(key))) {
		t.Errorf("the second start has another key: %v", err)
	}
	for name, spoil := range map[string]func() error{
		"admits its group":       func() error { return os.Chmod(path, 0o640) },
		"does not contain a key": func() error { return os.WriteFile(path, []byte("short\n"), 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if _, err := openAdminKey(cfg.Data, owned.Private); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "admin.key")); err != nil {
		t.Error("the refused key was removed")
	}
}

// spoilAdminKey puts a file without a key in place of the operators' key.
func spoilAdminKey(dir string) error {
	return os.WriteFile(filepath.Join(dir, adminKeyName), []byte("short\n"), 0o600)
}
