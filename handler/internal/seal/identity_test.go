package seal_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
)

// childVault makes this binary another process, which uses the vault named there.
const childVault = "SEAL_TEST_VAULT"

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

// roundTrip seals and opens as production does: the managed identity of the
// environment, the default transport.
func roundTrip(endpoint string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cred, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{
		ID: azidentity.ClientID("11111111-2222-3333-4444-555555555555"),
	})
	if err != nil {
		return err
	}
	vault, err := seal.NewVault(endpoint, cred, nil, time.Now)
	if err != nil {
		return err
	}
	if err := vault.Ping(ctx); err != nil {
		return err
	}
	sealer := seal.New(vault, rand.Reader)
	sealed, err := sealer.Seal(ctx, thisWeek, []byte("envelope"), []byte("row"))
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

// The double must not let in what the real ones would not.
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
		t.Errorf("%d keys were made", n)
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
