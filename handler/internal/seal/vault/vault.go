// Package vault keeps week keys in Azure Key Vault, for any number of processes
// on one vault. Data keys are wrapped in this process, under the public half of a
// week's key, and unwrapped by the vault in one call.
//
// A call to the vault ends after five seconds, with up to three tries. The
// identity needs the actions read, create, update, delete and unwrap on keys.
package vault

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"golang.org/x/sync/singleflight"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

const (
	algorithm   = string(azkeys.EncryptionAlgorithmRSAOAEP256)
	callTimeout = 5 * time.Second // of a call with its retries
)

// Keyring implements seal.Wrapper and secret.Keyring. Safe for concurrent use.
type Keyring struct {
	client  *azkeys.Client
	id      string
	now     func() time.Time
	fetches singleflight.Group
	mu      sync.Mutex
	public  map[week.Week]*publicKey
}

// New returns a Keyring for a vault's endpoint. It makes no call yet. A nil
// transport means the default one. The resource that the vault's authentication
// challenge names is verified to be the vault's, except on a loopback address.
func New(endpoint string, cred azure.Credential, transport policy.Transporter, now func() time.Time) (*Keyring, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("parse vault endpoint: %w", err)
	}
	options := azure.ClientOptions(transport)
	options.PerCallPolicies = append(options.PerCallPolicies, timeout{})
	client, err := azkeys.NewClient(endpoint, cred, &azkeys.ClientOptions{
		ClientOptions:                        options,
		DisableChallengeResourceVerification: azure.IsLoopback(u.Hostname()),
	})
	if err != nil {
		return nil, fmt.Errorf("make vault client: %w", err)
	}
	return &Keyring{client: client, id: u.Host, now: now, public: map[week.Week]*publicKey{}}, nil
}

// timeout ends a call with its retries after callTimeout.
type timeout struct{}

// Do implements policy.Policy. When it returns the SDK has read the response.
func (timeout) Do(r *policy.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Raw().Context(), callTimeout)
	defer cancel()
	return r.WithContext(ctx).Next()
}

// ID returns the vault's host.
func (k *Keyring) ID() string { return k.id }

// Find reports whether the vault has this version of a key, enabled or disabled.
// Errors: secret.ErrKeyGone, seal.ErrForeign; any other may be temporary.
func (k *Keyring) Find(ctx context.Context, ref secret.KeyRef) error {
	if !ours(ref) {
		return fmt.Errorf("%s: %w", ref.Name, seal.ErrForeign)
	}
	_, err := k.client.GetKey(ctx, ref.Name, ref.Version, nil)
	switch err = portError(err); {
	case err == nil, errors.Is(err, seal.ErrKeyDisabled):
		return nil
	case errors.Is(err, secret.ErrKeyGone):
		return fmt.Errorf("%s, version %s, is not in the vault: %w", ref.Name, ref.Version, err)
	}
	return fmt.Errorf("find %s: %w", ref.Name, err)
}

// ours reports whether a key is one that Wrap names.
func ours(ref secret.KeyRef) bool {
	_, ok := seal.KeyWeek(ref.Name)
	return ok && ref.Algorithm == algorithm && ref.Version != ""
}

// Damaged implements keycheck.Keyring: a vault keeps no damaged keys.
func (k *Keyring) Damaged() map[string]error { return nil }

// Ping reports whether the vault accepts this identity. Afterwards the first
// caller need not wait for the authentication. The state of the current week's
// key does not matter.
func (k *Keyring) Ping(ctx context.Context) error {
	_, err := k.client.GetKey(ctx, seal.KeyName(week.Of(k.now())), "", nil)
	if err = portError(err); err == nil || unusable(err) {
		return nil
	}
	return fmt.Errorf("ping key vault: %w", err)
}

// Wrap implements seal.Wrapper. It waits for the vault only when the week's public
// key is not in memory, or was not confirmed for ten minutes.
func (k *Keyring) Wrap(ctx context.Context, w week.Week, dataKey []byte) (secret.KeyRef, []byte, error) {
	key, err := k.publicKey(ctx, w)
	if err != nil {
		return secret.KeyRef{}, nil, fmt.Errorf("get public key of %s: %w", w, err)
	}
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, key.rsa, dataKey, nil)
	return secret.KeyRef{Algorithm: algorithm, Name: seal.KeyName(w), Version: key.version}, wrapped, err
}

// Unwrap implements seal.Wrapper, in one call to the vault.
func (k *Keyring) Unwrap(ctx context.Context, key secret.KeyRef, wrapped []byte) ([]byte, error) {
	if !ours(key) {
		return nil, seal.ErrForeign
	}
	response, err := k.client.UnwrapKey(ctx, key.Name, key.Version, azkeys.KeyOperationParameters{
		Algorithm: to.Ptr(azkeys.EncryptionAlgorithmRSAOAEP256), Value: wrapped,
	}, nil)
	if err = portError(err); unusable(err) {
		w, _ := seal.KeyWeek(key.Name)
		k.forget(w) // nothing more may be sealed under it
		err = fmt.Errorf("%s: %w", key.Name, err)
	}
	return response.Result, err
}

var errIncomplete = errors.New("incomplete key in the vault's response")

// portError turns the vault's errors about a key into secret.ErrKeyGone,
// seal.ErrKeyDisabled and seal.ErrSealed. Any other error may be temporary, even a
// refusal of the identity. It keeps only the codes, because the SDK's text is a page
// long.
func portError(err error) error {
	status, code, inner := azure.ErrorCodes(err)
	switch {
	case status == 0:
		return err
	case status == http.StatusNotFound && code == "KeyNotFound":
		return secret.ErrKeyGone
	case status == http.StatusConflict && (inner == "ObjectIsDeletedButRecoverable" || inner == "ObjectIsBeingDeleted"):
		return secret.ErrKeyGone
	case status == http.StatusForbidden && inner == "KeyDisabled":
		return seal.ErrKeyDisabled
	case status == http.StatusBadRequest && code == "BadParameter":
		return seal.ErrSealed
	}
	return fmt.Errorf("vault returned %d %s %s", status, code, inner)
}

// unusable reports whether err means that the key exists no more or is disabled.
func unusable(err error) bool {
	return errors.Is(err, secret.ErrKeyGone) || errors.Is(err, seal.ErrKeyDisabled)
}
