package vault_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/sealtest"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vault"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
)

// childVault is the variable that makes this test binary a child process, which uses that vault.
const childVault = "VAULT_TEST_CHILD"

func TestMain(m *testing.M) {
	endpoint := os.Getenv(childVault)
	if endpoint == "" {
		os.Exit(m.Run())
	}
	if err := roundTrip(endpoint); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// roundTrip seals and opens with the managed identity of the environment and the
// default transport, as in production.
func roundTrip(endpoint string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cred, err := azure.NewCredential("11111111-2222-3333-4444-555555555555")
	if err != nil {
		return err
	}
	keys, err := vault.New(endpoint, cred, nil, time.Now)
	if err != nil {
		return err
	}
	if err := keys.Ping(ctx); err != nil {
		return err
	}
	sealer := seal.New(keys, rand.Reader)
	sealed, err := sealer.Seal(ctx, sealtest.Week, []byte("envelope"), []byte("row"))
	if err != nil {
		return err
	}
	got, err := sealer.Open(ctx, &sealed, []byte("row"))
	if err == nil && string(got) != "envelope" {
		err = errors.New("another envelope came back")
	}
	return err
}

func TestManagedIdentityOpensTheVault(t *testing.T) {
	server := vaulttest.Start(t)
	child(t, server, server.Env(), true)
	wantCalls(t, server, map[string]int{"challenge": 1, vaulttest.Get: 2, vaulttest.Create: 1, vaulttest.Unwrap: 1})
}

// The double must refuse what the real services refuse.
func TestVaultRefusesStrangers(t *testing.T) {
	server, stranger := vaulttest.Start(t), vaulttest.Start(t)
	env, foreign := server.Env(), stranger.Env()
	for name, env := range map[string][]string{
		"the token of another":     {foreign[0], foreign[1], env[2]},
		"the header of another":    {env[0], foreign[1], env[2]},
		"no identity":              {"IDENTITY_ENDPOINT=http://127.0.0.1:1/", env[1], env[2]},
		"an untrusted certificate": {env[0], env[1], "SSL_CERT_FILE=" + os.DevNull},
	} {
		t.Run(name, func(t *testing.T) { child(t, server, env, false) })
	}
	if n := len(server.Names()); n != 0 {
		t.Errorf("%d keys made", n)
	}
}

func child(t *testing.T, server *vaulttest.Server, env []string, want bool) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append([]string{childVault + "=" + server.URL}, env...)
	if out, err := cmd.CombinedOutput(); (err == nil) != want {
		t.Errorf("child: %v, %s", err, out)
	}
}
