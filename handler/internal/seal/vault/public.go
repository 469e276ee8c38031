package vault

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// A public key in memory is used without waiting, and refreshed in the background
// when it is a minute old. If somebody disables or deletes the key of a later week,
// that is noticed within about a minute where secrets are created all the time, and
// within ten minutes everywhere. An envelope that was sealed meanwhile opens only
// when the key is enabled or recovered. When the vault does not respond for ten
// minutes, creating stops, because such an envelope might never open.
const (
	publicKeyFresh = time.Minute
	publicKeyPause = 10 * time.Second // before a failed refresh is tried again
	publicKeyLimit = 10 * time.Minute
)

// keyBits is enough for a strength of 128 bits (NIST SP 800-57); 2,048 bits are
// not. A vault does about 100 private operations a second with such keys, and so
// serves 100 reads a second; with 4,096 bits it would be half.
const keyBits = 3072

// publicKey is the public half of one version of a week's key.
type publicKey struct {
	version   string
	rsa       *rsa.PublicKey
	confirmed time.Time
	next      time.Time // when to refresh it; guarded by Keyring.mu
}

// publicKey returns the public key of a week, and makes the key if there is none.
func (k *Keyring) publicKey(ctx context.Context, w week.Week) (*publicKey, error) {
	known, refresh := k.known(w)
	if known != nil && !refresh {
		return known, nil
	}
	// The first caller may give up while others still wait for the key.
	fetched := k.fetches.DoChan(string(w), func() (any, error) { return k.fetch(context.WithoutCancel(ctx), w) })
	if known != nil {
		return known, nil
	}
	select {
	case got := <-fetched:
		key, _ := got.Val.(*publicKey)
		return key, got.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// known returns the public key in memory, or nil if there is none that may be
// used, and whether the caller must refresh it.
func (k *Keyring) known(w week.Week) (key *publicKey, refresh bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, now := k.public[w], k.now()
	if key == nil || !now.Before(key.confirmed.Add(publicKeyLimit)) {
		return nil, false
	}
	if refresh = !now.Before(key.next); refresh {
		key.next = now.Add(publicKeyPause)
	}
	return key, refresh
}

// fetch gets a week's public key from the vault and keeps it in memory.
func (k *Keyring) fetch(ctx context.Context, w week.Week) (*publicKey, error) {
	at := k.now()
	bundle, err := k.ensure(ctx, w)
	var key *publicKey
	if err == nil {
		key, err = parsePublicKey(bundle, at)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.public[w] = key
	case unusable(err):
		delete(k.public, w)
	}
	return key, err
}

func (k *Keyring) forget(w week.Week) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.public, w)
}

// ensure returns the latest version of a week's key, and makes one if there is none,
// both within callTimeout. Two processes that do so at the same time make two
// versions. Each uses its own for a while, a row names the one that it was sealed
// under, and both can unwrap until the key as a whole is deleted.
func (k *Keyring) ensure(ctx context.Context, w week.Week) (azkeys.KeyBundle, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	got, err := k.client.GetKey(ctx, seal.KeyName(w), "", nil)
	if err = portError(err); !errors.Is(err, secret.ErrKeyGone) {
		return got.KeyBundle, err
	}
	made, err := k.client.CreateKey(ctx, seal.KeyName(w), azkeys.CreateKeyParameters{
		Kty:     to.Ptr(azkeys.KeyTypeRSA),
		KeySize: to.Ptr[int32](keyBits),
		KeyOps:  to.SliceOfPtrs(azkeys.KeyOperationWrapKey, azkeys.KeyOperationUnwrapKey),
	}, nil)
	if err = portError(err); errors.Is(err, secret.ErrKeyGone) {
		err = fmt.Errorf("the vault keeps a deleted key of this name; recover or purge it: %w", err)
	}
	return made.KeyBundle, err
}

// parsePublicKey reads an enabled RSA key: seal.ErrKeyDisabled.
func parsePublicKey(b azkeys.KeyBundle, at time.Time) (*publicKey, error) {
	if b.Key == nil || b.Attributes == nil || b.Attributes.Enabled == nil || b.Key.KID.Version() == "" {
		return nil, errIncomplete
	}
	if !*b.Attributes.Enabled {
		return nil, seal.ErrKeyDisabled
	}
	n, e := new(big.Int).SetBytes(b.Key.N), new(big.Int).SetBytes(b.Key.E)
	if n.BitLen() < 2048 || e.BitLen() < 2 || e.BitLen() > 31 || e.Bit(0) == 0 {
		return nil, errors.New("week key is not an RSA key of 2,048 bits or more")
	}
	return &publicKey{
		version: b.Key.KID.Version(), rsa: &rsa.PublicKey{N: n, E: int(e.Int64())},
		confirmed: at, next: at.Add(publicKeyFresh),
	}, nil
}
