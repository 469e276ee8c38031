package seal

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"golang.org/x/sync/singleflight"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

const (
	vaultAlgorithm = string(azkeys.EncryptionAlgorithmRSAOAEP256)
	tryTimeout     = 2 * time.Second // of one try of a call, the challenge and the token included
	callTimeout    = 5 * time.Second // of one call with its retries
)

// Vault keeps the weeks' keys in Key Vault. Data keys are wrapped here, under
// the public half of a week's key, and unwrapped by the vault, in one call. It
// implements Wrapper and secret.Keyring; safe for concurrent use, and for any
// number of processes on one vault.
//
// Its identity needs the actions read, create, update, delete and unwrap on keys.
type Vault struct {
	client  *azkeys.Client
	now     func() time.Time
	fetches singleflight.Group
	mu      sync.Mutex
	public  map[week.Week]*publicKey
}

// NewVault returns a Vault that calls endpoint as cred; it makes no call yet.
// transport may be nil. The resource that the vault's authentication challenge
// names is verified to be the vault's, except on a loopback address.
func NewVault(endpoint string, cred azcore.TokenCredential, transport policy.Transporter, now func() time.Time) (*Vault, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("parse vault endpoint: %w", err)
	}
	if transport == nil {
		transport = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true,
		}}
	}
	client, err := azkeys.NewClient(endpoint, cred, &azkeys.ClientOptions{
		ClientOptions: azcore.ClientOptions{
			Transport: transport,
			Retry:     policy.RetryOptions{MaxRetries: 2, TryTimeout: tryTimeout, RetryDelay: 50 * time.Millisecond, MaxRetryDelay: 400 * time.Millisecond},
		},
		DisableChallengeResourceVerification: loopback(u.Hostname()),
	})
	if err != nil {
		return nil, fmt.Errorf("make vault client: %w", err)
	}
	return &Vault{client: client, now: now, public: map[week.Week]*publicKey{}}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost"
}

// Ping asks whether the vault answers this identity, and spares the first
// caller the authentication. What state the current week's key is in does not matter.
func (v *Vault) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := v.client.GetKey(ctx, keyName(week.Of(v.now())), "", nil)
	if err = explain(err); err == nil || errors.Is(err, secret.ErrKeyGone) || errors.Is(err, secret.ErrKeyDisabled) {
		return nil
	}
	return fmt.Errorf("ping key vault: %w", err)
}

// Wrap implements Wrapper. It waits for the vault only when the week's public
// key is not known, or has not been confirmed for long; see publicKeyLimit.
func (v *Vault) Wrap(ctx context.Context, w week.Week, dataKey []byte) (secret.KeyRef, []byte, error) {
	key, err := v.publicKey(ctx, w)
	if err != nil {
		return secret.KeyRef{}, nil, fmt.Errorf("get public key of %s: %w", w, err)
	}
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, key.rsa, dataKey, nil)
	return secret.KeyRef{Algorithm: vaultAlgorithm, Name: keyName(w), Version: key.version}, wrapped, err
}

// Unwrap implements Wrapper, in one call to the vault.
func (v *Vault) Unwrap(ctx context.Context, key secret.KeyRef, wrapped []byte) ([]byte, error) {
	w, ok := weekOf(key.Name)
	if !ok || key.Algorithm != vaultAlgorithm || key.Version == "" {
		return nil, errForeign
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answer, err := v.client.UnwrapKey(ctx, key.Name, key.Version, azkeys.KeyOperationParameters{
		Algorithm: to.Ptr(azkeys.EncryptionAlgorithmRSAOAEP256), Value: wrapped,
	}, nil)
	if err = explain(err); unusable(err) {
		v.forget(w) // nothing more is to be sealed under it
	}
	return answer.Result, err
}
